/** The wire protocols of AWS APIs, by the names that Smithy gives them. */
export type Protocol = "awsJson1_0" | "awsJson1_1" | "awsQuery" | "ec2Query" | "restJson1" | "restXml" | "rpcv2Cbor";
