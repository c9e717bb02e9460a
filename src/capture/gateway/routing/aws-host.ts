import { isAwsRegionName } from "../../../aws/region.ts";

/** What a host name of AWS, or of something that borrows its naming, says. */
export interface AwsHost {
  /** First label of the service's hosts (`dynamodb`, `monitoring`), FIPS mark removed; "s3" for every form of S3. */
  readonly endpointPrefix: string | undefined;
  readonly region: string | undefined;
  /** Present when the host is one of S3's. */
  readonly s3: S3Host | undefined;
}

export interface S3Host {
  /** Bucket, access point or alias in front of the S3 label; undefined for path style. */
  readonly bucket: string | undefined;
  /** The label that marks the host, without region: `s3`, `s3-control`, `s3-website`, `s3-accesspoint`, `s3express` … */
  readonly form: string;
}

const awsSuffixes = [
  ".amazonaws.com",
  ".amazonaws.com.cn",
  ".api.aws",
  ".api.amazonwebservices.com.cn",
  ".localhost.localstack.cloud",
];
const s3Forms = [
  "s3-object-lambda",
  "s3-accelerate",
  "s3-accesspoint",
  "s3-outposts",
  "s3-control",
  "s3-website",
  "s3-global",
  "s3express-control",
  "s3express",
  "s3",
];

/**
 * Splits a Host header. `s3HostSuffixes` are names below which a bucket may stand in front (`BUCKET.s3.localhost`); AWS's
 * own forms are always known ("Virtual hosting of general purpose buckets" in the Amazon S3 User Guide).
 */
export function readHost(header: string | undefined, s3HostSuffixes: readonly string[]): AwsHost {
  const host = withoutPort(header ?? "").toLowerCase();
  const suffix = awsSuffixes.find((each) => host.endsWith(each));
  if (suffix !== undefined) return fromLabels(host.slice(0, -suffix.length).split("."));
  const own = s3HostSuffixes.filter((each) => host.endsWith(`.${each}`)).sort((a, b) => b.length - a.length)[0];
  if (own !== undefined && !s3HostSuffixes.includes(host)) {
    const front = host.slice(0, -own.length - 1);
    const marked = fromLabels(front.split("."));
    return marked.s3 === undefined ? { endpointPrefix: undefined, region: undefined, s3: { bucket: front, form: "s3" } } : marked;
  }
  if (s3HostSuffixes.includes(host) && host.startsWith("s3.")) {
    return { endpointPrefix: "s3", region: undefined, s3: { bucket: undefined, form: "s3" } };
  }
  return { endpointPrefix: undefined, region: undefined, s3: undefined };
}

function fromLabels(labels: readonly string[]): AwsHost {
  const region = labels.findLast((label) => isAwsRegionName(label));
  for (let i = labels.length - 1; i >= 0; i -= 1) {
    const label = labels[i] ?? "";
    const form = s3Form(label);
    if (form === undefined || !labels.slice(i + 1).every((after) => isTail(after))) continue;
    const bucket = labels.slice(0, i).join(".");
    const legacyRegion = label.slice(form.length + 1);
    return {
      endpointPrefix: "s3",
      region: region ?? (isAwsRegionName(legacyRegion) ? legacyRegion : undefined),
      s3: { bucket: bucket === "" ? undefined : bucket, form },
    };
  }
  const prefix = labels.filter((label) => label !== region && label !== "dualstack").at(-1);
  return {
    endpointPrefix: prefix === undefined || prefix === "" ? undefined : prefix.replace(/-fips$/, ""),
    region,
    s3: undefined,
  };
}

/** `s3`, `s3-eu-west-1`, `s3-website-eu-west-1`, `s3express-use1-az4`, `s3-fips` … */
function s3Form(label: string): string | undefined {
  const form = s3Forms.find((each) => label === each || label.startsWith(`${each}-`));
  if (form !== "s3" && form !== undefined) return form;
  if (label === "s3" || label === "s3-fips" || label === "s3-external-1" || isAwsRegionName(label.slice(3))) return form;
  return undefined;
}

/** What may stand between the S3 label and the suffix: region, `dualstack`, an interface endpoint (`vpce`). */
function isTail(label: string): boolean {
  return isAwsRegionName(label) || label === "dualstack" || label === "vpce" || label === "accesspoint" || label === "s3-global";
}

function withoutPort(host: string): string {
  return host.startsWith("[") ? host : host.replace(/:\d*$/, "");
}
