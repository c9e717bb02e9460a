import type { Protocol } from "../protocol.ts";

/** One service of the catalogue, as its published model describes it. */
export interface Service {
  /** Our key, and the name of its file below `data/`: the SDK client's suffix (`s3`, `cloudwatch-logs`). */
  readonly id: string;
  readonly sdkId: string;
  /** The service name in a SigV4 credential scope; shared by several services now and then. */
  readonly signingName: string;
  /** The service's host names without region and domain (`monitoring`, `logs`, `api.ecr`). */
  readonly endpointPrefix: string;
  /** API version (`2012-08-10`). */
  readonly version: string;
  /** Every protocol that clients may use, the SDK's choice first. */
  readonly protocols: readonly Protocol[];
  /** Prefix of `X-Amz-Target` before the last dot; undefined for services without JSON protocol. `byTargetPrefix` knows others. */
  readonly targetPrefix: string | undefined;
  /** Service shape name: the `NAME` of `/service/NAME/operation/OP` in Smithy RPC v2. */
  readonly shapeName: string;
  readonly xmlNamespace: string | undefined;
  readonly operationNames: readonly string[];
  operation(name: string): Operation | undefined;
}

export type AccessLevel = "List" | "Read" | "Write" | "Permissions management" | "Tagging";

export interface Operation {
  readonly service: Service;
  /** API name (`ListObjectsV2`), not the event name. */
  readonly name: string;
  /** REST binding; undefined for RPC protocols. `uri` keeps labels and literal query (`/{Bucket}/{Key+}?x-id=GetObject`). */
  readonly http: HttpBinding | undefined;
  /** Loaded on first use; undefined where the operation takes or gives nothing. */
  readonly input: StructureShape | undefined;
  readonly output: StructureShape | undefined;
  /** From the Service Authorization Reference; undefined where it does not name the operation. */
  readonly accessLevel: AccessLevel | undefined;
  /** Shape name of a modelled error whose wire code differs (`NoSuchEntity` → `NoSuchEntityException`); else undefined. */
  errorShape(wireCode: string): string | undefined;
}

export interface HttpBinding {
  readonly method: string;
  readonly uri: string;
  readonly status: number;
}

export type Shape = StructureShape | ListShape | MapShape | SimpleShape;

/** Structure or union; `members` keeps the model's order. */
export interface StructureShape {
  readonly kind: "structure";
  readonly name: string;
  readonly union: boolean;
  readonly members: ReadonlyMap<string, Member>;
  readonly traits: Traits;
}

export interface ListShape {
  readonly kind: "list";
  readonly name: string;
  readonly member: Member;
  readonly traits: Traits;
}

export interface MapShape {
  readonly kind: "map";
  readonly name: string;
  readonly key: Member;
  readonly value: Member;
  readonly traits: Traits;
}

export interface SimpleShape {
  readonly kind: "string" | "boolean" | "number" | "bigInteger" | "bigDecimal" | "blob" | "timestamp" | "document";
  readonly traits: Traits;
}

/** A named edge to a shape. `traits` are the member's own merged over those of its target, but for a structure's `xmlName`. */
export interface Member {
  readonly name: string;
  readonly target: Shape;
  readonly traits: Traits;
}

/** The Smithy traits that decide what stands where on the wire. */
export interface Traits {
  readonly sensitive?: true;
  readonly streaming?: true;
  readonly eventStream?: true;
  readonly jsonName?: string;
  readonly xmlName?: string;
  readonly xmlFlattened?: true;
  readonly xmlAttribute?: true;
  readonly xmlNamespace?: string;
  readonly ec2QueryName?: string;
  readonly timestampFormat?: "date-time" | "http-date" | "epoch-seconds";
  readonly httpLabel?: true;
  readonly httpQuery?: string;
  readonly httpQueryParams?: true;
  readonly httpHeader?: string;
  readonly httpPrefixHeaders?: string;
  readonly httpPayload?: true;
  readonly httpResponseCode?: true;
  readonly hostLabel?: true;
  readonly idempotencyToken?: true;
  readonly mediaType?: string;
}

/** Every service that OpenTrail knows by model. */
export interface Catalogue {
  readonly services: readonly Service[];
  service(id: string): Service | undefined;
  bySigningName(signingName: string): readonly Service[];
  /** One of them where several share it (Timestream's two). */
  byTargetPrefix(prefix: string): Service | undefined;
  byShapeName(shapeName: string): Service | undefined;
}
