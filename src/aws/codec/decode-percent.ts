/**
 * Undoes percent-encoding in UTF-8, once. Never throws: a percent sign that starts no escape stays, bytes that are no
 * UTF-8 become replacement characters.
 */
export function decodePercent(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (escapes) => Buffer.from(escapes.replaceAll("%", ""), "hex").toString("utf8"));
  }
}
