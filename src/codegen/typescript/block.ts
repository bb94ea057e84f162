// --- What a block of text means ------------------------------------------------------------------------------------

/** Returns the text of a block's lines: `|` keeps their ends, `>` makes one line of those that stand as deep. */
function blockText(header: string, lines: readonly string[]): string {
  let text = "";
  let blank = 0;
  let foldable: boolean | undefined;
  for (const line of lines) {
    if (line === "") {
      blank += 1;
      continue;
    }
    const isDeeper = /^[ \t]/.test(line);
    const folds = header.startsWith(">") && foldable === true && !isDeeper;
    if (folds && blank === 0) text += " ";
    else text += "\n".repeat(foldable === undefined || folds ? blank : blank + 1);
    text += line;
    blank = 0;
    foldable = !isDeeper;
  }
  if (header.startsWith("-", 1)) return text;
  if (header.startsWith("+", 1)) return text + "\n".repeat(foldable === undefined ? blank : blank + 1);
  return foldable === undefined ? text : `${text}\n`;
}
