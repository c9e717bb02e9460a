/** What selectors look at in an event. */
export interface EventView {
  readonly category: "Management" | "Data" | "NetworkActivity" | "Insight";
  readonly readOnly: boolean;
  readonly source: string;
  readonly name: string;
  readonly type: string;
  /** The record's own `resources`; `arn` is the ARN or, for listings, the ARNPrefix. */
  readonly resources: readonly { readonly type: string | undefined; readonly arn: string | undefined }[];
  readonly userArn: string | undefined;
  /** `sessionCredentialFromConsole` is "true". */
  readonly fromConsole: boolean;
  readonly errorCode: string | undefined;
  readonly vpcEndpointId: string | undefined;
}
