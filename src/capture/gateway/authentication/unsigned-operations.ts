/**
 * Operations that AWS takes without a signature, by catalogue id: those with the `noAuth` trait in their services' models,
 * which bring a token or a password of their own for the service to judge, and the two of SNS that a link in an e-mail calls
 * ("ConfirmSubscription" and "Unsubscribe" in the Amazon SNS API Reference).
 */
const table: Readonly<Record<string, string>> = {
  sts: "AssumeRoleWithSAML AssumeRoleWithWebIdentity",
  "cognito-identity": "GetCredentialsForIdentity GetId GetOpenIdToken UnlinkIdentity",
  "cognito-identity-provider": `AssociateSoftwareToken ChangePassword CompleteWebAuthnRegistration ConfirmDevice
    ConfirmForgotPassword ConfirmSignUp DeleteUser DeleteUserAttributes DeleteWebAuthnCredential ForgetDevice ForgotPassword
    GetDevice GetTokensFromRefreshToken GetUser GetUserAttributeVerificationCode GetUserAuthFactors GlobalSignOut InitiateAuth
    ListDevices ListUserSessions ListWebAuthnCredentials ResendConfirmationCode RespondToAuthChallenge RevokeToken
    RevokeUserSession SetUserMFAPreference SetUserSettings SignUp StartWebAuthnRegistration UpdateAuthEventFeedback
    UpdateDeviceStatus UpdateUserAttributes VerifySoftwareToken VerifyUserAttribute`,
  sso: "GetRoleCredentials ListAccountRoles ListAccounts Logout",
  "sso-oidc": "CreateToken RegisterClient StartDeviceAuthorization",
  sns: "ConfirmSubscription Unsubscribe",
};

const operations: ReadonlySet<string> = new Set(
  Object.entries(table).flatMap(([service, names]) => names.split(/\s+/).map((name) => `${service}/${name}`)),
);

/** @param operationName API name. */
export function isUnsignedOperation(serviceId: string, operationName: string): boolean {
  return operations.has(`${serviceId}/${operationName}`);
}
