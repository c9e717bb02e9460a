import { isIP } from "node:net";
import { resolve } from "node:path";
import { z } from "zod";
import { type Accounts, accountsSchema } from "../account/identities/accounts.ts";
import { endpointPolicySchema } from "../account/identities/policy-document.ts";
import { organizationSchema, type OrganizationSettings } from "../account/organization/organization-schema.ts";

const twelveDigits = "must be twelve digits, in quotes: a number would lose its leading zeros";
const accountId = z.string(twelveDigits).regex(/^\d{12}$/, twelveDigits);
const httpOrigin = z.url({ protocol: /^https?$/, message: "must be an http:// or https:// URL", abort: true }).refine((text) => {
  const { pathname, search, hash, username, password } = new URL(text);
  return pathname === "/" && search + hash + username + password === "";
}, "must be http://HOST[:PORT] alone: paths come from the client, credentials too");
const regionName = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be a region such as us-east-1");

/** An AWS endpoint with credentials for it. */
const destination = z.strictObject({
  url: httpOrigin,
  /** To sign for; by default that of the destination itself. */
  region: regionName.optional(),
  accessKeyId: z.string().min(1),
  /** File with the secret access key and nothing else. */
  secretAccessKeyFile: z.string().min(1),
});

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
    /** Further addresses: whoever calls there comes through this VPC endpoint. */
    vpcEndpoints: z
      .array(
        z.strictObject({
          listen: listenAddress,
          id: z.string().regex(/^vpce-[0-9a-f]{8,17}$/, "must be the id of a VPC endpoint such as vpce-0a1b2c3d4e5f60718"),
          /** The account that owns it. */
          accountId,
          /** What may be done through it; by default everything. */
          policy: endpointPolicySchema.optional(),
        }),
      )
      .max(100)
      .default([]),
    /** Makes organization trails possible. */
    organization: organizationSchema.optional(),
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
        /** AWS's quotas, which nobody can change there. */
        quotas: z
          .strictObject({
            /** A multi-region trail counts in every region. */
            trailsPerRegion: z.int().positive().max(1000).default(5),
            tagsPerResource: z.int().nonnegative().max(200).default(50),
            delegatedAdministrators: z.int().nonnegative().max(100).default(3),
            /** Calls a second of each operation, for each account and region: those that read, and all others. By default no limit. */
            readsPerSecond: z.int().positive().optional(),
            writesPerSecond: z.int().positive().optional(),
          })
          .prefault({}),
      })
      .prefault({}),
    delivery: z
      .strictObject({
        /** After a trail's first event that is in no file yet, its files are written; AWS takes about 300. */
        flushSeconds: z.number().min(0.1).max(3600).default(10),
        /** A file of so many MiB before compression is written at once. */
        flushMegabytes: z.number().min(0.01).max(32).default(8),
        /** From one digest file to the next. */
        digestMinutes: z.int().min(1).max(1440).default(60),
        /** Write with the ACL `bucket-owner-full-control`, for which AWS's bucket policy asks; false for backends that refuse ACLs. */
        acl: z.boolean().default(true),
        /** Ask for SSE-S3 where a trail has no KMS key; false for backends that refuse to encrypt. */
        encryption: z.boolean().default(true),
        /** Refuse buckets whose policy does not let CloudTrail in, also before backends that do not look at policies. */
        requireBucketPolicy: z.boolean().default(false),
        /** Events to the default bus. "auto": unless the backend is AWS, which does so by itself and refuses others. */
        eventBridge: z.enum(["auto", "on", "off"]).default("auto"),
        /** URLs to which events are posted, signed with the secret in the file; with `trail`, those that it selects. */
        webhooks: z
          .array(
            z.strictObject({
              url: z.url({ protocol: /^https?$/, message: "must be an http:// or https:// URL" }),
              secretFile: z.string().min(1).optional(),
              trail: z.string().min(1).optional(),
            }),
          )
          .default([]),
        /** Files, or `-` for standard output, to which events are written, one a line. */
        ndjson: z.array(z.strictObject({ path: z.string().min(1), trail: z.string().min(1).optional() })).default([]),
        /** Endpoints that trails deliver to in place of the backend, each with credentials of its own; calls to them are not recorded. */
        destinations: z
          .strictObject({
            s3: destination.optional(),
            sns: destination.optional(),
            logs: destination.optional(),
            events: destination.optional(),
            kms: destination.optional(),
          })
          .prefault({}),
      })
      .prefault({}),
    embedded: z
      .strictObject({
        /**
         * What EventBridge's rules may call: URLs by the names of API destinations. Whatever stands for `*` is the target's to say.
         */
        apiDestinations: z
          .record(
            z.string().regex(/^[.\-_A-Za-z0-9]{1,64}$/, "must be up to 64 of A-Z, a-z, 0-9, '.', '-' and '_'"),
            z
              .url({ protocol: /^https?$/, message: "must be an http:// or https:// URL" })
              .refine((url) => (URL.parse(url)?.username || URL.parse(url)?.password || "") === "", "must not hold credentials"),
          )
          .default({}),
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
    const { webhooks, ndjson } = config.delivery;
    const urls = webhooks.map(({ url, trail }) => JSON.stringify([url, trail]));
    const places = ndjson.map(({ path }) => resolve(path));
    for (const [name, all] of Object.entries({ webhooks: urls, ndjson: places })) {
      const twice = all.findIndex((one, at) => all.indexOf(one) < at);
      if (twice >= 0) context.addIssue({ code: "custom", path: ["delivery", name, twice], message: "stands there twice" });
    }
    for (const name of ["cloudtrail", "cloudtrail-data"]) {
      if (!(name in config.upstreams)) continue;
      context.addIssue({ code: "custom", path: ["upstreams", name], message: "OpenTrail answers this service itself" });
    }
    const { delegatedAdministrators: most } = config.api.quotas;
    if ((config.organization?.delegatedAdministrators.length ?? 0) > most) {
      const path = ["organization", "delegatedAdministrators"];
      context.addIssue({ code: "custom", path, message: `must not be more than api.quotas.delegatedAdministrators, ${most}` });
    }
    for (const [at, { id, organization }] of config.accounts.entries()) {
      const configured = organizationOf(config, id);
      if (organization === undefined || configured === undefined || organization === configured) continue;
      const message = `account ${id} is in ${configured}, says the setting organization`;
      context.addIssue({ code: "custom", path: ["accounts", at, "organization"], message });
    }
    for (const [at, { id, listen }] of config.vpcEndpoints.entries()) {
      const twice = config.vpcEndpoints.findIndex((other) => other.id === id) !== at;
      if (twice) context.addIssue({ code: "custom", path: ["vpcEndpoints", at, "id"], message: `${id} stands there twice` });
      if (config.auth.mode === "trust" && !isLoopback(listen.host)) {
        const message = `auth.mode "trust" believes every access key, so it serves loopback addresses only, not ${listen.host}`;
        context.addIssue({ code: "custom", path: ["vpcEndpoints", at, "listen"], message });
      }
    }
    if (config.auth.mode === "trust" && !isLoopback(config.listen.host)) {
      context.addIssue({
        code: "custom",
        path: ["listen"],
        message: `auth.mode "trust" believes every access key, so it serves loopback addresses only, not ${config.listen.host}`,
      });
    }
  })
  .transform((config) => ({
    ...config,
    accounts: config.accounts.map((account) => {
      const organization = account.organization ?? organizationOf(config, account.id);
      return organization === undefined ? account : { ...account, organization };
    }),
  }));

export type Config = Readonly<z.output<typeof configSchema>>;

function organizationOf(
  { organization }: { readonly organization?: OrganizationSettings | undefined },
  accountId: string,
): string | undefined {
  if (organization === undefined) return undefined;
  return [organization.managementAccount, ...organization.members].find(({ id }) => id === accountId) && organization.id;
}

function hasSecret({ root, users, services }: Accounts[number]): boolean {
  return [root, ...users, ...services].some(({ accessKeys }) => accessKeys.some(({ secret }) => secret !== undefined));
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
