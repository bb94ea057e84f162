// --- What the file says of a flag ----------------------------------------------------------------------------------

type Words = { on: readonly string[]; off: readonly string[] };

/** What a key of a flag is for. */
type Key = "switch" | "percentage" | "salt";

/** What one reading tells of a flag: thousandths of a percent, its salt and which keys it has; or why nothing can be told. */
type Told = { milli: number; salt: string; keys: readonly Key[] } | { why: string };

/** What one reading tells: of each flag of which it tells something, and why the text is in doubt, if it is. */
type Reading = { flags: Map<string, Told[]>; doubt: string | undefined };

const FULL = 100_000;

/** By which keys an entry of a list is named. */
const NAMES = ["key", "name", "id", "flag", "feature"];

function read(text: string, isJson: boolean): Reading {
  const flags = new Map<string, Told[]>();
  if (text.length > LARGEST) return { flags, doubt: "it is too large for a flags file" };
  const reader = new Reader(text);
  let doubt: string | undefined;
  try {
    if (isJson) JSON.parse(text);
    reader.read();
  } catch (error) {
    doubt = error instanceof Error ? error.message : String(error);
  }
  const places = reader.top === undefined ? [] : below(reader.top, ROOT);
  for (const place of places) {
    for (const [name, entry] of entries(place)) {
      const told = flags.get(name);
      if (told === undefined) flags.set(name, [tell(name, entry)]);
      else told.push(tell(name, entry));
    }
  }
  if (doubt === undefined && !places.some((place) => place.kind !== "scalar" || place.empty)) {
    doubt = ROOT.length === 0 ? "it holds no flags" : `it has no flags below \`${ROOT.join(".")}\``;
  }
  return { flags, doubt };
}

/** Larger than any flags file: a text is read while requests wait. */
const LARGEST = 4 * 1024 * 1024;

/** Returns every node at a path of keys, of which `*` is any. */
function below(node: Node, path: readonly string[]): Node[] {
  const [key, ...rest] = path;
  if (key === undefined) return [node];
  if (node.kind !== "mapping") return [];
  return node.pairs.filter(([name]) => name === key || key === "*").flatMap(([, value]) => below(value, rest));
}

/** Returns the entries that were read to their end, with their names. */
function entries(place: Node): [string, Node][] {
  if (place.kind === "scalar") return [];
  const named: [string, Node][] =
    place.kind === "mapping" ? place.pairs : place.items.flatMap((item) => nameOf(item).map((name): [string, Node] => [name, item]));
  return named.filter(([, entry]) => entry.kind === "scalar" || entry.whole);
}

function nameOf(item: Node): string[] {
  if (item.kind !== "mapping") return [];
  const called = (key: string): string | undefined => {
    const found = item.pairs.find(([name, value]) => name === key && value.kind === "scalar" && !value.empty)?.[1];
    return found?.kind === "scalar" ? found.text : undefined;
  };
  const own = NAME === undefined ? undefined : called(NAME);
  if (own !== undefined) return own === "" ? [] : [own];
  const [key, name, id, flag, feature] = NAMES.map(called);
  const isProse = name?.includes(" ") === true;
  const isWord = id !== undefined && !id.includes(" ") && !/^[0-9]*$/.test(id);
  const best = key === undefined && isProse && isWord ? id : (key ?? flag ?? feature ?? name ?? id);
  return best === undefined || best === "" ? [] : [best];
}

/** Returns what an entry tells: its `rollout` where it is enabled, else nobody. */
function tell(name: string, entry: Node): Told {
  const salts = below(entry, ["salt"]);
  const salt = salts[0];
  if (salt !== undefined && (salts.length > 1 || salt.kind !== "scalar")) {
    return { why: "its salt can't be read" };
  }
  let enabled = valueOf(entry, ENABLED.map((key) => key.path), (scalar, spelling) => truth(scalar, ENABLED[spelling]?.words));
  let rollout = valueOf(entry, ROLLOUT, percent);
  if (entry.kind === "scalar" && enabled !== undefined && rollout !== undefined) {
    // Where the entry itself is the value, it is the switch if it reads as one, else the percentage.
    if ("is" in enabled) rollout = undefined;
    else enabled = undefined;
  }
  if (enabled === undefined && rollout === undefined && (entry.kind !== "mapping" || !NATIVE)) {
    return { why: "it has neither a percentage nor a switch" };
  }
  const exposure = exposed(enabled, rollout);
  if (typeof exposure === "string") return { why: exposure };
  const keys: Key[] = [];
  // An entry that is a value itself has none.
  if (entry.kind === "mapping" && enabled !== undefined) keys.push("switch");
  if (entry.kind === "mapping" && rollout !== undefined) keys.push("percentage");
  if (salt === undefined || isNull(salt) || /^\n*$/.test(salt.text)) return { milli: exposure, salt: name, keys };
  return { milli: exposure, salt: salt.text, keys: [...keys, "salt"] };
}

/** Returns which of these keys a flag lacks that would tell of fewer users, or of others. */
function lacking(keys: readonly Key[], said: { milli: number; keys: readonly Key[] }): Key | undefined {
  if (said.milli === 0) return undefined;
  const lost = keys.filter((key) => !said.keys.includes(key));
  // Where everybody is in, it doesn't matter by what.
  return lost.find((key) => key !== "salt" || said.milli < FULL);
}

type Value<T> = { is: T } | { why: string } | undefined;

function exposed(enabled: Value<boolean>, rollout: Value<number>): number | string {
  if (enabled !== undefined && "is" in enabled && !enabled.is) return 0;
  if (enabled !== undefined && "why" in enabled) return rollout !== undefined && "is" in rollout && rollout.is === 0 ? 0 : enabled.why;
  if (rollout === undefined) return enabled === undefined ? 0 : FULL;
  return "is" in rollout ? rollout.is : rollout.why;
}

/** Reads the value of the first spelling that the entry has. One that stands twice has to be the same twice. */
function valueOf<T>(entry: Node, paths: readonly (readonly string[])[], take: (scalar: Scalar, spelling: number) => Value<T>): Value<T> {
  for (const [spelling, path] of paths.entries()) {
    const [first, ...others] = sites(entry, path, paths, 0).map((site) => ("why" in site ? site : take(site, spelling)));
    if (first === undefined) continue;
    if (others.some((other) => JSON.stringify(other) !== JSON.stringify(first))) return { why: `\`${path.join(".")}\` stands twice` };
    return first;
  }
  return undefined;
}

/** Returns what stands in the places of a value. What belongs to another spelling of the value is passed over. */
function sites(node: Node, path: readonly string[], paths: readonly (readonly string[])[], depth: number): (Scalar | { why: string })[] {
  const rivals = paths.filter((other) => path.slice(0, depth).every((key, at) => other[at] === key));
  const key = path[depth];
  if (key === undefined) {
    if (node.kind === "scalar") return [node];
    return rivals.some((other) => other.length > depth) ? [] : [{ why: "it is no value" }];
  }
  if (node.kind === "mapping") return below(node, [key]).flatMap((inner) => sites(inner, path, paths, depth + 1));
  if (node.kind === "list" || depth === 0 || rivals.some((other) => other.length === depth)) return [];
  return [{ why: `it stands where \`${key}\` is expected` }];
}

function isNull(node: Node): node is Scalar & { empty: true } {
  return node.kind === "scalar" && node.style === "plain" && (node.empty || ["~", "null", "Null", "NULL"].includes(node.text));
}

/** Reads a percentage as decimal text, never as a double: in thousandths it is exact. */
function percent(scalar: Scalar): Value<number> {
  const parts = /^(0|[1-9][0-9]*)(?:\.([0-9]+))?$/.exec(scalar.text);
  if (scalar.style === "block" || parts === null) return { why: `\`${scalar.text}\` is no percentage` };
  const places = SCALE === "fraction" ? 5 : 3;
  const decimals = (parts[2] ?? "").replace(/0+$/, "");
  const milli = Number((parts[1] ?? "") + decimals.padEnd(places, "0"));
  if (decimals.length > places || milli > FULL) return { why: `\`${scalar.text}\` is no percentage` };
  return { is: milli };
}

/** Reads a switch: in the file's own words, or as a boolean. */
function truth(scalar: Scalar, words: Words | undefined): Value<boolean> {
  const { text, style } = scalar;
  const no = { why: `\`${text}\` is no switch` };
  if (style === "block" || isNull(scalar)) return no;
  const isBoolean = style === "plain" && (text === "true" || text === "false");
  if (words !== undefined && (!isBoolean || words.on.includes(text) || words.off.includes(text))) {
    return words.on.includes(text) ? { is: true } : words.off.includes(text) ? { is: false } : no;
  }
  if (style !== "plain") return no;
  if (/^(true|True|TRUE|yes|Yes|YES|on|On|ON)$/.test(text)) return { is: true };
  return /^(false|False|FALSE|no|No|NO|off|Off|OFF)$/.test(text) ? { is: false } : no;
}
