import type { AccessLevel, Operation } from "../model.ts";

/**
 * Whether AWS records a call as `readOnly`. Order: exceptions, then the verb, then the access level of the Service
 * Authorization Reference, then the method of a REST call whose operation nobody knows.
 */
export interface ReadOnlyQuestion {
  readonly serviceId: string;
  readonly operationName: string;
  readonly accessLevel?: AccessLevel | undefined;
  /** The catalogue knows the operation. */
  readonly known: boolean;
}

const READ_VERB =
  /^(?:Get|List|Describe|Search|Lookup|BatchGet|BatchDescribe|Head|Query|Scan|Select|Simulate|Check|Validate|Preview|Estimate|Test|Resolve|Download|View)(?![a-z])/;

/** Calls whose verb says "write" and that AWS nonetheless records as read-only. */
const reads: Readonly<Record<string, string>> = {
  s3: "PreflightRequest",
  sts: "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity",
  kms: `Decrypt Encrypt ReEncrypt GenerateDataKey GenerateDataKeyPair GenerateDataKeyWithoutPlaintext
    GenerateDataKeyPairWithoutPlaintext GenerateMac GenerateRandom Sign Verify VerifyMac DeriveSharedSecret`,
  "bedrock-runtime": "InvokeModel InvokeModelWithResponseStream Converse ConverseStream",
  ses: "SendEmail SendRawEmail SendTemplatedEmail SendBulkTemplatedEmail",
  sesv2: "SendEmail SendBulkEmail",
  codecommit: "GitPull",
  rds: "DownloadDBLogFilePortion",
  // Items alone are read; the Service Authorization Reference knows no action of that name.
  dynamodb: "TransactGetItems",
  // Their models call them read-only, as the single ones.
  verifiedpermissions: "BatchIsAuthorized BatchIsAuthorizedWithToken",
  "cognito-identity-provider": "Login_GET",
  signin: "CreateOAuth2Token",
};

/** Calls whose verb or access level says "read" and that AWS nonetheless records as writes. */
const writes: Readonly<Record<string, string>> = {
  sts: "GetSessionToken GetFederationToken GetWebIdentityToken AssumeRoot",
  signin: "GetSigninToken CheckMfa ConsoleLogin",
  dynamodb: "ExecuteStatement BatchExecuteStatement ExecuteTransaction",
  ssm: "StartSession",
  // What it resolves is a case, not a name.
  support: "ResolveCase",
  // Each of them hands out something new. Source: Amazon Cognito Developer Guide, "Example Amazon Cognito events".
  "cognito-identity": "GetCredentialsForIdentity GetId GetOpenIdToken GetOpenIdTokenForDeveloperIdentity",
  lambda: "Invoke InvokeAsync InvokeWithResponseStream",
};

const exceptions: ReadonlyMap<string, boolean> = new Map([...entries(reads, true), ...entries(writes, false)]);

export function isReadOnly(question: ReadOnlyQuestion): boolean {
  const { serviceId, operationName, accessLevel, known } = question;
  const exception = exceptions.get(`${serviceId}:${operationName}`);
  if (exception !== undefined) return exception;
  if (READ_VERB.test(operationName)) return true;
  if (known) return accessLevel === "List" || accessLevel === "Read";
  // A name with a blank is `METHOD /path`: nobody named the operation, so the method is all there is.
  return operationName.startsWith("GET ") || operationName.startsWith("HEAD ");
}

const byOperation = new WeakMap<Operation, boolean>();

/** The same of a call. It is asked several times of each, so what the catalogue's operations are is remembered. */
export function isReadOnlyCall(call: CallOfKind): boolean {
  const { serviceId, operationName, operation } = call;
  if (operation === undefined) return isReadOnly({ serviceId, operationName, known: false });
  const { accessLevel } = operation;
  if (operation.name !== operationName || operation.service.id !== serviceId)
    return isReadOnly({ serviceId, operationName, accessLevel, known: true });
  let answer = byOperation.get(operation);
  if (answer === undefined) {
    answer = isReadOnly({ serviceId, operationName, accessLevel, known: true });
    byOperation.set(operation, answer);
  }
  return answer;
}

interface CallOfKind {
  readonly serviceId: string;
  readonly operationName: string;
  /** Undefined where the catalogue does not know it. */
  readonly operation: Operation | undefined;
}

function entries(table: Readonly<Record<string, string>>, value: boolean): [string, boolean][] {
  return Object.entries(table).flatMap(([service, operations]) =>
    operations.split(/\s+/).map((operation): [string, boolean] => [`${service}:${operation}`, value]),
  );
}
