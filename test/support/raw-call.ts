import { connect, type Socket } from "node:net";

/** A request as its bytes, head and body. */
export interface RawCall {
  readonly service: string;
  readonly line: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export const REGION = "us-east-1";

export function authorization(service: string, key = "test"): string {
  return `AWS4-HMAC-SHA256 Credential=${key}/20260302/${REGION}/${service}/aws4_request, SignedHeaders=host, Signature=00`;
}

/** A form call to a query service. */
export function queryCall(
  service: string,
  version: string,
  action: string,
  parameters: Readonly<Record<string, string>>,
): RawCall {
  return {
    service,
    line: "POST /",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: String(new URLSearchParams({ Action: action, Version: version, ...parameters })),
  };
}

function bytesOf({ service, line, headers, body = "" }: RawCall): string {
  const all = { host: "localhost", authorization: authorization(service), ...headers, "content-length": String(body.length) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `${[`${line} HTTP/1.1`, ...lines].join("\r\n")}\r\n\r\n${body}`;
}

/** Sends a call over a connection of its own and answers the status. Rejects where the connection ends without one. */
export async function send(url: string, call: RawCall): Promise<number> {
  const { headers = {}, body, line, service } = call;
  const [method = "GET", path = "/"] = line.split(" ");
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: authorization(service), ...headers },
    ...(body === undefined ? {} : { body }),
  });
  await response.arrayBuffer();
  return response.status;
}

/** Sends a call, but for its last `missing` octets, and leaves without waiting for the answer. */
export async function sendAndLeave(url: string, call: RawCall, missing = 0): Promise<void> {
  const bytes = bytesOf(call);
  const socket = await open(url);
  await new Promise<void>((resolve) => socket.write(bytes.slice(0, bytes.length - missing), () => resolve()));
  socket.destroy();
}

async function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  return await new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => resolve(socket));
    socket.on("error", reject);
  });
}
