import { AwsError } from "../../aws/aws-error.ts";
import { parseArn } from "../../aws/arn.ts";
import type { Constraints } from "./constraints.ts";
import { placeholdersOf, PREDEFINED } from "./delivery/input-template.ts";
import { parseJsonPath } from "./delivery/json-path.ts";
import type { EventsCall } from "./events-call.ts";
import type { Members } from "./members.ts";
import type { HttpParameters, InputTransformer, RetryPolicy, Target } from "./target.ts";
import { targetPlace } from "./target-place.ts";

const UNSERVED = [
  "KinesisParameters",
  "RunCommandParameters",
  "EcsParameters",
  "BatchParameters",
  "RedshiftDataParameters",
  "SageMakerPipelineParameters",
  "AppSyncParameters",
];

/** One of PutTargets' targets, with what the model asks of it told to `constraints`. */
export function readTarget(constraints: Constraints, members: Members, path: string): Target {
  const text = (name: string): string | undefined => members.text(name);
  const [Id, Arn] = [text("Id"), text("Arn")];
  constraints.required(`${path}.id`, Id).text(`${path}.id`, Id, { min: 1, max: 64, pattern: "[\\.\\-_A-Za-z0-9]+" });
  constraints.required(`${path}.arn`, Arn).text(`${path}.arn`, Arn, { min: 1, max: 1600 });
  constraints.text(`${path}.input`, text("Input"), { max: 8192 }).text(`${path}.inputPath`, text("InputPath"), { max: 256 });
  const [unserved] = members.namesAmong(UNSERVED);
  if (unserved !== undefined) throw notServed(`${unserved} of EventBridge targets`);
  const transformer = readTransformer(constraints, members.structure("InputTransformer"), `${path}.inputTransformer`);
  const group = members.structure("SqsParameters")?.text("MessageGroupId");
  const deadLetters = members.structure("DeadLetterConfig")?.text("Arn");
  const retry = readRetryPolicy(constraints, members.structure("RetryPolicy"), `${path}.retryPolicy`);
  const http = readHttpParameters(members.structure("HttpParameters"));
  return {
    Id: Id ?? "",
    Arn: Arn ?? "",
    ...present("RoleArn", text("RoleArn")),
    ...present("Input", text("Input")),
    ...present("InputPath", text("InputPath")),
    ...present("InputTransformer", transformer),
    ...(members.structure("SqsParameters") === undefined ? {} : { SqsParameters: present("MessageGroupId", group) }),
    ...present("HttpParameters", http),
    ...(members.structure("DeadLetterConfig") === undefined ? {} : { DeadLetterConfig: present("Arn", deadLetters) }),
    ...present("RetryPolicy", retry),
  };
}

/** What one member says of another. Throws `ValidationException`, and `NotImplemented` for what cannot be reached from here. */
export function checkTarget(call: EventsCall, target: Target): void {
  const { Id, Arn, Input, InputPath, InputTransformer: transformer } = target;
  const inputs = [Input, InputPath, transformer].filter((input) => input !== undefined);
  if (inputs.length > 1) throw invalid(`Only one of Input, InputPath, or InputTransformer must be provided for target ${Id}.`);
  if (parseArn(Arn) === undefined) throw invalid(`Parameter ${Arn} is not valid. Reason: Provided Arn is not in correct format.`);
  const place = targetPlace(Arn, call.place);
  if (place === undefined) throw notServed(`EventBridge targets such as ${Arn}`);
  if (place.kind === "api-destination" && !call.apiDestinations.has(place.name)) {
    throw new AwsError("ResourceNotFoundException", `API destination ${place.name} does not exist.`);
  }
  if (place.kind === "queue" && place.name.endsWith(".fifo") && target.SqsParameters?.MessageGroupId === undefined) {
    throw invalid(`Parameter(s) SqsParameters must be specified for target: ${Id}.`);
  }
  if (Input !== undefined && !isJson(Input)) throw invalid(`JSON text in Input for target ${Id} is not valid.`);
  if (InputPath !== undefined && parseJsonPath(InputPath) === undefined) {
    throw invalid(`InputPath for target ${Id} is invalid.`);
  }
  if (transformer !== undefined) checkTransformer(Id, transformer);
  const deadLetters = target.DeadLetterConfig?.Arn;
  if (deadLetters !== undefined && targetPlace(deadLetters, call.place)?.kind !== "queue") {
    throw invalid(`Parameter DeadLetterConfig.Arn for target ${Id} is not valid: it is not a queue of this account and Region.`);
  }
}

function checkTransformer(id: string, { InputPathsMap: paths = {}, InputTemplate: template }: InputTransformer): void {
  for (const [name, path] of Object.entries(paths)) {
    if (parseJsonPath(path) === undefined) throw invalid(`InputPathsMap for target ${id} has an invalid path for ${name}.`);
  }
  const unknown = placeholdersOf(template).find((name) => !Object.hasOwn(paths, name) && !PREDEFINED.has(name));
  if (unknown !== undefined) throw invalid(`InputTemplate for target ${id} contains invalid placeholder ${unknown}.`);
}

function readTransformer(constraints: Constraints, members: Members | undefined, path: string): InputTransformer | undefined {
  if (members === undefined) return undefined;
  const [paths, template] = [members.textMap("InputPathsMap"), members.text("InputTemplate")];
  for (const [name, value] of Object.entries(paths ?? {})) {
    constraints.text(`${path}.inputPathsMap`, name, { min: 1, max: 256, pattern: "[A-Za-z0-9\\_\\-]+" });
    constraints.text(`${path}.inputPathsMap.${name}.member`, value, { max: 256 });
  }
  if (Object.keys(paths ?? {}).length > 100) constraints.list(`${path}.inputPathsMap`, Object.keys(paths ?? {}), 100);
  constraints.required(`${path}.inputTemplate`, template).text(`${path}.inputTemplate`, template, { min: 1, max: 8192 });
  return { ...present("InputPathsMap", paths), InputTemplate: template ?? "" };
}

function readRetryPolicy(constraints: Constraints, members: Members | undefined, path: string): RetryPolicy | undefined {
  if (members === undefined) return undefined;
  const [attempts, age] = [members.whole("MaximumRetryAttempts"), members.whole("MaximumEventAgeInSeconds")];
  constraints.whole(`${path}.maximumRetryAttempts`, attempts, 0, 185);
  constraints.whole(`${path}.maximumEventAgeInSeconds`, age, 60, 86_400);
  return { ...present("MaximumRetryAttempts", attempts), ...present("MaximumEventAgeInSeconds", age) };
}

function readHttpParameters(members: Members | undefined): HttpParameters | undefined {
  if (members === undefined) return undefined;
  return {
    ...present("PathParameterValues", members.texts("PathParameterValues")),
    ...present("HeaderParameters", members.textMap("HeaderParameters")),
    ...present("QueryStringParameters", members.textMap("QueryStringParameters")),
  };
}

function present<Name extends string, Value>(name: Name, value: Value | undefined): { readonly [Key in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [Key in Name]?: Value };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function invalid(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

function notServed(what: string): AwsError {
  return new AwsError(
    "NotImplemented",
    `The embedded account does not have ${what}. Configure an upstream for the service to use them.`,
    501,
  );
}
