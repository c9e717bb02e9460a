import { EndpointFailure, type EndpointRequest } from "../../../aws/endpoint.ts";

/** How the end of a request's body is told to the upstream. */
export type RequestFraming = "none" | "length" | "chunked";

export interface WireRequest {
  /** Request line, header lines and the empty line, one character an octet. */
  readonly head: string;
  readonly framing: RequestFraming;
  /** Octets of the body under the framing "length". */
  readonly length: number;
}

const methodToken = /^[A-Za-z][A-Za-z0-9-]*$/;
const targetText = /^[\x21-\x7e\x80-\xff]+$/;
const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Methods by which a server expects a body, so that its absence is said (RFC 9110, 8.6). */
const withBody = new Set(["POST", "PUT", "PATCH"]);

/**
 * The head of a request as it goes to the upstream: the client's lines in their order, but for those about the connection.
 *
 * `Expect` is not passed on: the client has been told to go on when the upstream is ready to read. SDKs do not sign it.
 * Throws `EndpointFailure` for lines that would not survive the trip unchanged.
 *
 * @param fallbackHost stands where the client sent no Host, as HTTP/1.0 allows.
 */
export function wireRequest(request: EndpointRequest, fallbackHost: string): WireRequest {
  const { method, target, headers, body } = request;
  if (!methodToken.test(method) || !targetText.test(target)) throw unsendable("the request line");
  let lines = "";
  let named = false;
  let length: number | undefined;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? "";
    const value = headers[i + 1] ?? "";
    switch (name.length) {
      case 4:
        named ||= name.toLowerCase() === "host";
        break;
      case 6:
        if (name.toLowerCase() === "expect") continue;
        break;
      case 10:
        if (name.toLowerCase() === "connection") continue;
        break;
      case 14:
        if (name.toLowerCase() !== "content-length") break;
        if (length !== undefined || !/^\d{1,15}$/.test(value)) throw unsendable("the length of the request's body");
        length = Number(value);
        break;
      case 17:
        if (name.toLowerCase() === "transfer-encoding") continue;
        break;
    }
    if (!fieldName.test(name) || !fieldValue.test(value)) throw unsendable("a header line");
    lines += `${name}: ${value}\r\n`;
  }
  if (!named) lines = `Host: ${fallbackHost}\r\n${lines}`;
  const whole = body === undefined ? 0 : body instanceof Uint8Array ? body.length : undefined;
  if (whole !== undefined && length !== undefined && whole !== length) throw unsendable("the length of the request's body");
  let framing: RequestFraming = length === undefined ? "chunked" : "length";
  if (whole !== undefined) {
    framing = whole === 0 ? "none" : "length";
    if (length === undefined && (whole > 0 || withBody.has(method))) lines += `Content-Length: ${whole}\r\n`;
  } else if (framing === "chunked") lines += "Transfer-Encoding: chunked\r\n";
  const head = `${method} ${target} HTTP/1.1\r\n${lines}Connection: keep-alive\r\n\r\n`;
  return { head, framing, length: length ?? whole ?? 0 };
}

function unsendable(what: string): EndpointFailure {
  return new EndpointFailure("cut-off", `${what} cannot be passed on as it came`);
}
