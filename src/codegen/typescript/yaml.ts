// --- Reading the flags file ----------------------------------------------------------------------------------------
//
// A subset of YAML that every reader takes for the same: mappings, lists, scalars in every style, comments, in block and
// in flow form; JSON is part of it. Anchors, aliases, merge keys, tags, complex keys, directives and several documents
// are a doubt, and so is whatever else is not understood to its end: a doubt ends the reading.

type Scalar = { kind: "scalar"; text: string; style: "plain" | "quoted" | "block"; empty: boolean };
type Mapping = { kind: "mapping"; pairs: [string, Node][]; whole: boolean };
type List = { kind: "list"; items: Node[]; whole: boolean };
type Node = Scalar | Mapping | List;

/** Takes a node before it is complete, so that what was read of a text that breaks below is not lost. */
type Attach = (node: Node) => void;

/** Where and why a text was not understood. */
class Doubt extends Error {}

/** Deeper than any flags file, and no risk for the stack. */
const DEEPEST = 64;

/** How many lines a quoted text may have. */
const LONGEST = 200;

const NOTHING: Scalar = { kind: "scalar", text: "", style: "plain", empty: true };

/** What would start something other than a bare scalar, or means nothing yet. */
const INDICATORS = "&*!|>%@`\"'#[]{},";

const ESCAPES: Record<string, string> = {
  "0": "\0", a: "\x07", b: "\b", t: "\t", "\t": "\t", n: "\n", v: "\v", f: "\f", r: "\r", e: "\x1b", " ": " ",
  '"': '"', "/": "/", "\\": "\\", N: "\x85", _: "\xa0", L: "\u2028", P: "\u2029",
};

class Reader {
  /** What was read so far. */
  top: Node | undefined;
  /** The lines as they stand; one that begins with `- ` loses its dash once that is read. */
  readonly #lines: string[];
  /** The line that is read, from 0. */
  #line = 0;
  #depth = 0;

  constructor(text: string) {
    const bare = text.startsWith("\ufeff") ? text.slice(1) : text;
    this.#lines = bare.split(/\r?\n/);
  }

  /** Reads the whole text. Throws a doubt; `top` then has what stands above it. */
  read(): void {
    for (; this.#line < this.#lines.length; this.#line += 1) {
      // What ends a line to some readers only, and what no text has.
      if (/[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/.test(this.#text())) this.#doubt("a control character");
    }
    this.#line = 0;
    this.#next();
    if (/^%/.test(this.#text())) this.#doubt("a directive");
    if (/^---\s*(\s#.*)?$/.test(this.#text())) this.#line += 1;
    if (this.#next()) this.#node(-1, (node) => (this.top = node));
    if (this.#next() && /^\.\.\.\s*(\s#.*)?$/.test(this.#text())) this.#line += 1;
    if (this.#next()) this.#doubt("more than one document, or a wrong indentation");
  }

  #doubt(what: string): never {
    throw new Doubt(`line ${this.#line + 1}: ${what}`);
  }

  #text(): string {
    return this.#lines[this.#line] ?? "";
  }

  #indent(): number {
    return this.#text().search(/[^ ]|$/);
  }

  /** Goes to the next line that is neither blank nor a comment; false at the end. */
  #next(): boolean {
    while (this.#line < this.#lines.length && /^\s*(#.*)?$/.test(this.#text())) this.#line += 1;
    return this.#line < this.#lines.length;
  }

  /** True if the next line is deeper than `parent`, or a list that may stand as deep; a marker of documents never is. */
  #isBelow(parent: number): boolean {
    if (!this.#next() || this.#isMarker()) return false;
    if (/^ *\t/.test(this.#text())) this.#doubt("a tab in the indentation");
    return this.#indent() > parent;
  }

  #isMarker(): boolean {
    return /^(---|\.\.\.)(\s|$)/.test(this.#text());
  }

  /** Reads what stands on the next lines, all of it deeper than `parent`. */
  #node(parent: number, attach: Attach): void {
    if (!this.#isBelow(parent)) this.#doubt("a wrong indentation, or a second document");
    this.#depth += 1;
    if (this.#depth > DEEPEST) this.#doubt("too many levels");
    const indent = this.#indent();
    const text = this.#text();
    if (/^-(\s|$)/.test(text.slice(indent))) {
      this.#list(indent, attach);
    } else if (this.#key(indent) !== undefined) {
      this.#mapping(indent, attach);
    } else {
      this.#value(indent, parent, attach);
    }
    this.#depth -= 1;
  }

  #list(indent: number, attach: Attach): void {
    const list: List = { kind: "list", items: [], whole: false };
    attach(list);
    while (this.#isBelow(indent - 1) && this.#indent() === indent && /^-(\s|$)/.test(this.#text().slice(indent))) {
      const rest = this.#text().slice(indent + 1);
      const add: Attach = (node) => list.items.push(node);
      if (/^\s*(\s#.*)?$/.test(rest)) {
        this.#line += 1;
        if (this.#isBelow(indent)) this.#node(indent, add);
        else add(NOTHING);
      } else {
        if (/^ *\t/.test(rest)) this.#doubt("a tab behind a dash");
        // The entry begins where it stands, as if the dash were a blank.
        this.#lines[this.#line] = `${" ".repeat(indent + 1)}${rest}`;
        this.#node(indent, add);
      }
    }
    if (this.#isBelow(indent)) this.#doubt("a wrong indentation");
    list.whole = true;
  }

  #mapping(indent: number, attach: Attach): void {
    const mapping: Mapping = { kind: "mapping", pairs: [], whole: false };
    attach(mapping);
    while (this.#isBelow(indent - 1) && this.#indent() === indent) {
      const key = this.#key(indent);
      if (key === undefined) this.#doubt("neither a key nor a value");
      const add: Attach = (node) => mapping.pairs.push([key.name, node]);
      if (!/^\s*(\s#.*)?$/.test(this.#text().slice(key.end))) {
        const at = key.end + this.#text().slice(key.end).search(/\S/);
        if (/^-(\s|$)/.test(this.#text().slice(at))) this.#doubt("a list behind a key");
        this.#value(at, indent, add);
        continue;
      }
      this.#line += 1;
      const listed = (): boolean => this.#indent() === indent && /^-(\s|$)/.test(this.#text().slice(indent));
      if (this.#isBelow(indent)) this.#node(indent, add);
      else if (this.#isBelow(indent - 1) && listed()) this.#list(indent, add);
      else add(NOTHING);
    }
    if (this.#isBelow(indent)) this.#doubt("a wrong indentation");
    mapping.whole = true;
  }

  /** Reads a key with its colon, if the line has one there. */
  #key(at: number): { name: string; end: number } | undefined {
    const text = this.#text();
    const rest = text.slice(at);
    if (/^[-?](\s|$)/.test(rest)) this.#doubt("a list among keys, or a complex key");
    const quoted = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*:(?=\s|$)/.exec(rest);
    if (quoted?.[1] !== undefined) {
      const cursor = { at: 0 };
      return { name: this.#quoted(quoted[1], cursor), end: at + quoted[0].length };
    }
    if (/^["'[{]/.test(rest)) return undefined;
    const colon = rest.search(/:(\s|$)/);
    const name = rest.slice(0, colon).trimEnd();
    if (colon < 0 || /\s#/.test(name)) return undefined;
    if (name === "" || name === "<<" || INDICATORS.includes(name.charAt(0))) this.#doubt("a key that is no bare word");
    if (name.length > 1000) this.#doubt("a key that is too long");
    return { name, end: at + colon + 1 };
  }

  /** Reads a scalar or a flow collection that begins in this line, within something that is indented by `parent`. */
  #value(at: number, parent: number, attach: Attach): void {
    const text = this.#text();
    const first = text.charAt(at);
    if (first === "|" || first === ">") {
      attach({ kind: "scalar", text: this.#block(text.slice(at), parent), style: "block", empty: false });
    } else if (first === "{" || first === "[" || first === '"' || first === "'") {
      const cursor = { at };
      this.#flow(cursor, parent, attach);
      if (!/^\s*(\s#.*)?$/.test(this.#text().slice(cursor.at))) this.#doubt("something behind a value");
      this.#line += 1;
    } else {
      attach({ kind: "scalar", text: this.#bareLines(text.slice(at), parent), style: "plain", empty: false });
    }
  }

  /** Reads a literal or folded block. */
  #block(header: string, parent: number): string {
    if (parent < 0 || !/^[|>][+-]?\s*(\s#.*)?$/.test(header)) this.#doubt("the head of a block of text");
    let indent: number | undefined;
    let blank = 0;
    const start = this.#line + 1;
    for (this.#line += 1; this.#line < this.#lines.length; this.#line += 1) {
      const text = this.#text();
      if (/^ *$/.test(text)) {
        blank = Math.max(blank, text.length);
        continue;
      }
      if (this.#indent() <= parent) break;
      if (indent === undefined && (blank > this.#indent() || /^ *\t/.test(text))) this.#doubt("a wrong indentation");
      indent ??= this.#indent();
      if (this.#indent() < indent) this.#doubt("a wrong indentation");
    }
    if (indent === undefined && blank > parent + 1) this.#doubt("a block of blanks");
    // What follows the last end of line is no line.
    const end = this.#line === this.#lines.length && this.#lines[this.#line - 1] === "" ? this.#line - 1 : this.#line;
    return blockText(header, this.#lines.slice(start, end).map((line) => line.slice(indent ?? line.length)));
  }

  /** Reads a bare scalar, which may go on in deeper lines. */
  #bareLines(first: string, parent: number): string {
    let { text, ended } = this.#bare(first);
    for (this.#line += 1; ; this.#line += 1) {
      const start = this.#line;
      while (this.#line < this.#lines.length && /^\s*$/.test(this.#text())) this.#line += 1;
      const blank = this.#line - start;
      if (this.#line === this.#lines.length || /^\s*#/.test(this.#text()) || !this.#isBelow(parent)) return text;
      if (ended) this.#doubt("something behind a value");
      const more = this.#text().trimStart();
      if (/^[-?:](\s|$)/.test(more)) this.#doubt("a value that goes on like something else");
      const line = this.#bare(more);
      text += (blank === 0 ? " " : "\n".repeat(blank)) + line.text;
      ended = line.ended;
    }
  }

  /** Reads one line of a bare scalar; `ended` if a comment stands behind it. */
  #bare(line: string): { text: string; ended: boolean } {
    if (INDICATORS.includes(line.charAt(0)) || /^[-?:](\s|$)/.test(line)) this.#doubt(`a value that begins with ${line.charAt(0)}`);
    const comment = /\s#/.exec(line);
    const text = (comment === null ? line : line.slice(0, comment.index)).trimEnd();
    if (/:(\s|$)/.test(text)) this.#doubt("a colon in a bare value");
    return { text, ended: comment !== null };
  }

  /** Reads a quoted scalar or something between braces or brackets, over lines if need be. */
  #flow(cursor: { at: number }, parent: number, attach: Attach): void {
    const first = this.#text().charAt(cursor.at);
    if (first === '"' || first === "'") {
      attach({ kind: "scalar", text: this.#quotedLines(cursor, parent), style: "quoted", empty: false });
      return;
    }
    this.#depth += 1;
    if (this.#depth > DEEPEST) this.#doubt("too many levels");
    cursor.at += 1;
    if (first === "{") this.#flowMapping(cursor, parent, attach);
    else this.#flowList(cursor, parent, attach);
    this.#depth -= 1;
  }

  #flowMapping(cursor: { at: number }, parent: number, attach: Attach): void {
    const mapping: Mapping = { kind: "mapping", pairs: [], whole: false };
    attach(mapping);
    while (this.#peek(cursor, parent) !== "}") {
      const quoted = /["']/.test(this.#peek(cursor, parent));
      const name = quoted ? this.#quoted(this.#text(), cursor) : this.#flowBare(cursor);
      if (name === "<<" && !quoted) this.#doubt("a merge key");
      const add: Attach = (node) => mapping.pairs.push([name, node]);
      const after = this.#peek(cursor, parent);
      if (after === ":") {
        const next = this.#text().charAt(cursor.at + 1);
        if (!quoted && !/^[\s,}]?$/.test(next)) this.#doubt("a colon in a bare value");
        cursor.at += 1;
        if (/[,}]/.test(this.#peek(cursor, parent))) add(NOTHING);
        else this.#flowValue(cursor, parent, add);
      } else {
        add(NOTHING);
      }
      this.#comma(cursor, parent, "}");
    }
    cursor.at += 1;
    mapping.whole = true;
  }

  #flowList(cursor: { at: number }, parent: number, attach: Attach): void {
    const list: List = { kind: "list", items: [], whole: false };
    attach(list);
    while (this.#peek(cursor, parent) !== "]") {
      this.#flowValue(cursor, parent, (node) => list.items.push(node));
      this.#comma(cursor, parent, "]");
    }
    cursor.at += 1;
    list.whole = true;
  }

  #flowValue(cursor: { at: number }, parent: number, attach: Attach): void {
    if (/["'{[]/.test(this.#peek(cursor, parent))) this.#flow(cursor, parent, attach);
    else attach({ kind: "scalar", text: this.#flowBare(cursor), style: "plain", empty: false });
  }

  #comma(cursor: { at: number }, parent: number, end: string): void {
    const next = this.#peek(cursor, parent);
    if (next === ",") cursor.at += 1;
    else if (next !== end) this.#doubt(`no comma and no ${end}`);
  }

  /** Goes to what comes next between braces or brackets and returns it, lines and comments passed over. */
  #peek(cursor: { at: number }, parent: number): string {
    for (;;) {
      const rest = this.#text().slice(cursor.at);
      const blank = rest.search(/\S|$/);
      const next = rest.charAt(blank);
      const comment = next === "#" && (blank > 0 || cursor.at === 0);
      if (next !== "" && !comment) {
        cursor.at += blank;
        return next;
      }
      this.#line += 1;
      cursor.at = 0;
      if (this.#line >= this.#lines.length) this.#doubt("the text ends too early");
      this.#continued(parent);
    }
  }

  /** Holds a line that goes on with what began above to the indentation that it needs. */
  #continued(parent: number): void {
    if (/^\s*(#.*)?$/.test(this.#text())) return;
    if (this.#isMarker()) this.#doubt("a second document");
    // Many readers let a closing brace stand as far out as what it closes.
    const least = /^\s*[}\]]/.test(this.#text()) ? parent : parent + 1;
    if (this.#text().search(/\S/) < least || (parent >= 0 && /^ *\t/.test(this.#text()))) this.#doubt("a wrong indentation");
  }

  #flowBare(cursor: { at: number }): string {
    const rest = this.#text().slice(cursor.at);
    const text = (/^(?:[^,[\]{}:#]|:(?![\s,[\]{}]|$)|(?<!\s)#)*/.exec(rest)?.[0] ?? "").trimEnd();
    if (text === "" || INDICATORS.includes(text.charAt(0)) || /^[-?:](\s|$)/.test(text)) this.#doubt("no value");
    cursor.at += text.length;
    return text;
  }

  /** Reads a quoted scalar that may go on in further lines. */
  #quotedLines(cursor: { at: number }, parent: number): string {
    const quote = this.#text().charAt(cursor.at);
    const closed = quote === '"' ? /^"(?:[^"\\]|\\.)*"/s : /^'(?:[^']|'')*'/s;
    let joined = this.#text().slice(cursor.at);
    let last = cursor.at;
    const start = this.#line;
    while (!closed.test(joined)) {
      this.#line += 1;
      // Each line is looked at with all those above it.
      if (this.#line > start + LONGEST) this.#doubt("a quoted text that is too long");
      if (this.#line >= this.#lines.length) this.#doubt("a quote that is never closed");
      // A quoted text has no comments: a line that looks like one needs its indentation too.
      if (this.#isMarker() || (/\S/.test(this.#text()) && !this.#isDeep(parent))) this.#doubt("a wrong indentation");
      last = -(joined.length + 1);
      joined += `\n${this.#text()}`;
    }
    const inner = { at: 0 };
    const text = this.#quoted(joined, inner);
    cursor.at = inner.at + last;
    return text;
  }

  #isDeep(parent: number): boolean {
    return this.#indent() > parent && (parent < 0 || !/^ *\t/.test(this.#text()));
  }

  /** Reads the quoted scalar at the cursor of a text, and moves the cursor behind it. */
  #quoted(text: string, cursor: { at: number }): string {
    const rest = text.slice(cursor.at);
    const single = /^'((?:[^']|'')*)'/s.exec(rest);
    const double = /^"((?:[^"\\]|\\.)*)"/s.exec(rest);
    const found = single ?? double;
    if (found?.[1] === undefined) return this.#doubt("a quote that is not closed in its line");
    cursor.at += found[0].length;
    // Lines are folded before escapes are read: an escaped break of line stays one.
    const folded = found[1].replace(/((?:\\\\)*\\)?[ \t]*\n\s*/g, (whole, escape: string | undefined) => {
      if (escape !== undefined && double !== null) this.#doubt("an escaped end of line");
      const breaks = whole.split("\n").length - 1;
      return (escape ?? "") + (breaks === 1 ? " " : "\n".repeat(breaks - 1));
    });
    if (single !== null) return folded.split("''").join("'");
    const plain = folded.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)/gs, (_, escape: string) => {
      if (escape.length === 1) return ESCAPES[escape] ?? this.#doubt(`an escape \\${escape}`);
      const code = Number.parseInt(escape.slice(1), 16);
      if (code > 0x10ffff) this.#doubt("an escape that is no character");
      return String.fromCodePoint(code);
    });
    if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(plain)) this.#doubt("half a character");
    return plain;
  }
}
