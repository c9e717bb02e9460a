const REDACTED = "***(Redacted)";

/**
 * What may stand in a statement, longest first: text in single quotes and Ion in backticks (to the end where they are not
 * closed), names in double quotes, words, numbers.
 */
const TOKEN =
  /'(?:[^']|'')*(?:'|$)|`[^`]*(?:`|$)|"(?:[^"]|"")*(?:"|$)|[A-Za-z_$][\w$]*|[-+]?(?:\d[\w.]*|\.\d[\w.]*)(?:(?<=[eE])[-+]\d+)?/g;

/** What follows the name of an attribute in a tuple, in a few blanks' reach. */
const COLON = /^[ \t\r\n]{0,16}:/;

/**
 * A PartiQL statement as DynamoDB records it: names and `?` stay, every literal is redacted. In a tuple the name of an
 * attribute is written like a text, but stands before a colon.
 */
export function redactPartiql(statement: string): string {
  return statement.replace(TOKEN, (token, offset: number) => {
    const first = token.charAt(0);
    if (first === '"') return token;
    if (first === "'" && COLON.test(statement.slice(offset + token.length, offset + token.length + 17))) return token;
    if (/[A-Za-z_$]/.test(first)) return /^(?:true|false)$/i.test(token) ? REDACTED : token;
    return REDACTED;
  });
}

/** The table that a statement reads or changes. */
export function partiqlTable(statement: string): string | undefined {
  const match = /\b(?:FROM|INTO|UPDATE)\s+(?:"([^"]{1,1024})"|([\w-]{1,255}))/i.exec(statement);
  return match?.[1] ?? match?.[2];
}
