/** One request, or what looks like one. */
export interface Piece {
  readonly bytes: Buffer;
  /** It is HTTP/1.1 by the letter and asks for the connection to stay: it must be answered, wholly and in its turn. */
  readonly strict: boolean;
  readonly isHead: boolean;
}

/** A request before it is written down. */
export interface Draft {
  method: string;
  target: string;
  /** Name and value in turn; framing is added when it is written. */
  readonly headers: string[];
  body: Buffer | undefined;
  /** How the body is framed. */
  framing: "length" | "chunked";
}

/** Writes a draft down by the letter. */
export function written(draft: Draft, cut: (body: Buffer) => readonly Buffer[]): Buffer {
  const { method, target, headers, body, framing } = draft;
  let head = `${method} ${target} HTTP/1.1\r\n`;
  for (let i = 0; i + 1 < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  if (body === undefined) return Buffer.from(`${head}\r\n`, "latin1");
  if (framing === "length") return Buffer.concat([Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n`, "latin1"), body]);
  const chunks = cut(body).filter((chunk) => chunk.length > 0);
  return Buffer.concat([
    Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n`, "latin1"),
    ...chunks.flatMap((chunk) => [Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]),
    Buffer.from("0\r\n\r\n"),
  ]);
}
