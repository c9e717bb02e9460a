/** What may stand behind a header's colon: visible Latin-1, spaces and tabs (RFC 9110, section 5.5). */
export function isHeaderValue(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
}
