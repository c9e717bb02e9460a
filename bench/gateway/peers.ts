import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A program that runs until it is stopped. */
export interface Peer {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** The small answer that every call gets. */
const ANSWER = JSON.stringify({ QueueUrl: "http://127.0.0.1/000000000000/jobs" });

/** nginx as the upstream: a small answer at once, and files below `/files/`. */
export function startNginxUpstream(directory: string, files: string, port: number): Promise<Peer> {
  return startNginx(
    join(directory, "upstream"),
    port,
    `location / { default_type application/x-amz-json-1.0; return 200 '${ANSWER}'; }
     location /files/ { alias ${files}/; default_type binary/octet-stream; }`,
    "",
  );
}

/** nginx as a plain proxy: one worker, connections kept on both sides, bodies streamed. */
export function startNginxProxy(directory: string, upstreamPort: number, port: number): Promise<Peer> {
  return startNginx(
    join(directory, `proxy-${port}`),
    port,
    `location / {
       proxy_pass http://upstream; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
       proxy_request_buffering off; proxy_buffering on; proxy_max_temp_file_size 0; proxy_read_timeout 300s;
     }`,
    `upstream upstream { server 127.0.0.1:${upstreamPort}; keepalive 128; }`,
  );
}

/** HAProxy as a plain proxy: one thread. */
export async function startHaproxy(directory: string, upstreamPort: number, port: number): Promise<Peer> {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, `haproxy-${port}.cfg`);
  writeFileSync(
    file,
    `global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 300s
  timeout server 300s
  http-reuse always
frontend in
  bind 127.0.0.1:${port}
  default_backend out
backend out
  server upstream 127.0.0.1:${upstreamPort} pool-max-conn 256
`,
  );
  return await until(spawn("haproxy", ["-f", file, "-db"], { stdio: ["ignore", "ignore", "inherit"] }), port);
}

async function startNginx(directory: string, port: number, locations: string, upstreams: string): Promise<Peer> {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, "nginx.conf");
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${directory}/pid; error_log ${directory}/error.log;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 100000000; client_max_body_size 0; sendfile on; tcp_nodelay on;
  client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy; fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi; scgi_temp_path ${directory}/scgi;
  ${upstreams}
  server { listen 127.0.0.1:${port} backlog=4096; ${locations} }
}
`,
  );
  return await until(spawn("nginx", ["-p", directory, "-c", file], { stdio: ["ignore", "ignore", "inherit"] }), port);
}

/** Any program of ours that prints `ready at http://HOST:PORT`. */
export async function startNode(arguments_: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Peer> {
  const child = spawn(process.execPath, [...arguments_], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...environment },
  });
  const port = await new Promise<number>((resolve, reject) => {
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      const found = /ready at \S+?:(\d+)\b/.exec(printed)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.once("exit", (code) => reject(new Error(`${arguments_.join(" ")} ended with ${code}: ${printed}`)));
  });
  return until(child, port);
}

async function until(child: ChildProcess, port: number): Promise<Peer> {
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  for (let attempt = 0; !(await accepts(port)); attempt += 1) {
    if (attempt > 200 || child.exitCode !== null) throw new Error(`${child.spawnfile} does not listen on ${port}`);
    await sleep(25);
  }
  return {
    port,
    pid: child.pid ?? 0,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return await new Promise((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
  }).then((is) => {
    socket.destroy();
    return is === true;
  });
}
