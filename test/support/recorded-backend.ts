import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What the backend answers; `answer` sees the request and its body. */
export type Answer = (
  request: IncomingMessage,
  body: Buffer,
) => { status?: number; headers?: Record<string, string>; body?: string };

export interface Backend {
  readonly url: string;
  close(): Promise<void>;
}

/** An AWS-like backend whose every word the test decides. */
export async function startBackend(answer: Answer): Promise<Backend> {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { status = 200, headers = {}, body = "" } = answer(request, Buffer.concat(chunks));
      response.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers });
      response.end(request.method === "HEAD" ? undefined : body);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
