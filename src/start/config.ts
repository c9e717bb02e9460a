import { isIP } from "node:net";
import { z } from "zod";
import { type Accounts, accountsSchema } from "../account/identities/accounts.ts";

const twelveDigits = "must be twelve digits, in quotes: a number would lose its leading zeros";
const accountId = z.string(twelveDigits).regex(/^\d{12}$/, twelveDigits);
const httpOrigin = z.url({ protocol: /^https?$/, message: "must be an http:// or https:// URL", abort: true }).refine((text) => {
  const { pathname, search, hash, username, password } = new URL(text);
  return pathname === "/" && search + hash + username + password === "";
}, "must be http://HOST[:PORT] alone: paths come from the client, credentials too");
const regionName = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be a region such as us-east-1");

/** `HOST:PORT`, `:PORT` or `PORT`; port 0 lets the system choose. */
const listenAddress = z.union([z.string(), z.int()], "must be HOST:PORT").transform((value, context) => {
  const text = String(value);
  const match = /^(?:(?:\[([^\]]+)\]|([^:]*)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    context.addIssue({ code: "custom", message: `"${text}" is not HOST:PORT` });
    return z.NEVER;
  }
  return { host: match[1] ?? (match[2] || "127.0.0.1"), port };
});

const processCount = z
  .union([z.literal("auto"), z.int(), z.string().regex(/^\d+$/).transform(Number)], "must be a number, or auto")
  .refine((count) => count === "auto" || (count >= 1 && count <= 64), "must be from 1 to 64");

/**
 * All settings with their defaults: the shape of `opentrail.yaml`. Times are in the unit that the name says, sizes in
 * bytes unless the name says otherwise.
 */
export const configSchema = z
  .strictObject({
    listen: listenAddress.prefault("127.0.0.1:4580"),
    /** PEM files; given, the endpoint speaks HTTPS and records `tlsDetails`. */
    tls: z.strictObject({ certificate: z.string(), key: z.string() }).optional(),
    dataDir: z.string().min(1).default("./opentrail-data"),
    /** Account of callers that nothing else identifies. */
    accountId: accountId.default("000000000000"),
    /** Region of calls that are not signed for one. */
    region: regionName.default("us-east-1"),
    recording: z.enum(["required", "best-effort"]).default("required"),
    auth: z
      .strictObject({
        mode: z.enum(["trust", "verify"]).default("trust"),
        /** `verify`: how far a caller's clock may be off. */
        clockSkewSeconds: z.int().min(1).max(86_400).default(900),
        /**
         * `verify`: S3 requests without a signature are passed on to the backend, which has to know what is public, or refused.
         * By default "pass" where `upstreams` has one for `s3`, else "refuse".
         */
        anonymousS3: z.enum(["pass", "refuse"]).optional(),
        /**
         * How callers are recorded whose key nobody knows. By default "root" before the embedded account, whose STS tells
         * each such caller just that, and "unknown" before an upstream.
         */
        unknownKeys: z.enum(["unknown", "root"]).optional(),
      })
      .prefault({}),
    /** `default`, or a service's catalogue id or signing name → URL. None at all: the embedded account. */
    upstreams: z.record(z.string().min(1), httpOrigin).default({}),
    upstream: z
      .strictObject({
        /**
         * The Host that backends see: the client's, or the upstream's own, for which requests are then signed anew. By default
         * "rewrite" with `auth.mode: verify`, "keep" with `trust`, where nobody could sign.
         */
        host: z.enum(["keep", "rewrite"]).optional(),
        headersTimeoutSeconds: z.number().positive().default(300),
        bodyTimeoutSeconds: z.number().positive().default(300),
        connections: z.int().positive().max(4096).default(128),
      })
      .prefault({}),
    accounts: accountsSchema.default([]),
    operator: z
      .strictObject({
        /** Whoever shows its token sees everything below `/_opentrail/`. By default `operator.token` in the data directory, made where it is missing. */
        tokenFile: z.string().min(1).optional(),
      })
      .prefault({}),
    capture: z
      .strictObject({
        /** Host names below which `BUCKET.` may stand in front, besides AWS's own. */
        s3HostSuffixes: z.array(z.string().min(1)).default(["localhost", "s3.localhost", "s3.localhost.localstack.cloud"]),
        /** Peers whose X-Forwarded-For is believed. */
        trustedProxies: z.array(z.string().refine((text) => isIP(text) !== 0, "must be an IP address")).default([]),
        /** Whether calls that fail to authenticate are recorded; AWS does not. */
        recordUnauthenticated: z.boolean().default(false),
        bodyCapBytes: z.int().min(4096).max(16_777_216).default(1_048_576),
        /** Processes that capture calls, on this one data directory; "auto": one for each core. */
        processes: processCount.default(1),
        /** Calls in progress at once; more are refused with 503. */
        calls: z.int().positive().max(100_000).default(1024),
        /** Octets of request bodies that calls in progress keep for their events; calls beyond that are refused with 503. */
        bodiesBytes: z.int().min(16_777_216).default(268_435_456),
        /** Connections at once; more are closed as they come. */
        connections: z.int().positive().max(100_000).default(10_000),
      })
      .prefault({}),
    events: z
      .strictObject({
        /** AWS shows session tokens in STS answers; OpenTrail hides them unless told otherwise. */
        showSessionTokens: z.boolean().default(false),
        /** Put a marker in place of parameters that are over their limit, instead of null. */
        omittedMarker: z.boolean().default(false),
      })
      .prefault({}),
    history: z
      .strictObject({
        retentionDays: z.int().min(1).max(3653).default(90),
        /** Keep data events in event history too: for `opentrail lookup` and `/_opentrail/events`, never for LookupEvents. */
        dataEvents: z.boolean().default(false),
      })
      .prefault({}),
    api: z
      .strictObject({
        /** Two LookupEvents calls a second for each account and region, as AWS allows. */
        lookupRateLimit: z.boolean().default(false),
      })
      .prefault({}),
    disk: z
      .strictObject({
        /** Free octets below which to warn; by default a tenth of the disk, 2 GiB at most. */
        warnFreeBytes: z.int().nonnegative().optional(),
        /** And to warn again; by default a fortieth of the disk, 512 MiB at most. */
        criticalFreeBytes: z.int().nonnegative().optional(),
      })
      .prefault({}),
    log: z.strictObject({ level: z.enum(["debug", "info", "warn", "error"]).default("info") }).prefault({}),
  })
  .superRefine((config, context) => {
    if (config.auth.mode === "verify" && !config.accounts.some(hasSecret)) {
      const message =
        "verify needs at least one access key with its secret in accounts, or nobody could call: " +
        "accounts: [{ id, users: [{ name, accessKeys: [{ id, secret }] }] }]";
      context.addIssue({ code: "custom", path: ["auth", "mode"], message });
    }
    const { warnFreeBytes, criticalFreeBytes } = config.disk;
    if (warnFreeBytes !== undefined && criticalFreeBytes !== undefined && criticalFreeBytes > warnFreeBytes) {
      context.addIssue({ code: "custom", path: ["disk", "criticalFreeBytes"], message: "must not be over disk.warnFreeBytes" });
    }
    for (const name of ["cloudtrail", "cloudtrail-data"]) {
      if (!(name in config.upstreams)) continue;
      context.addIssue({ code: "custom", path: ["upstreams", name], message: "OpenTrail answers this service itself" });
    }
    if (config.auth.mode === "trust" && !isLoopback(config.listen.host)) {
      context.addIssue({
        code: "custom",
        path: ["listen"],
        message: `auth.mode "trust" believes every access key, so it serves loopback addresses only, not ${config.listen.host}`,
      });
    }
  });

export type Config = Readonly<z.output<typeof configSchema>>;

function hasSecret({ root, users, services }: Accounts[number]): boolean {
  return [root, ...users, ...services].some(({ accessKeys }) => accessKeys.some(({ secret }) => secret !== undefined));
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
