// Logs in with mongosh: the URIs come as JSON in the environment, one line of JSON is each answer.
/* global Mongo, print, process, version */
print(JSON.stringify({ version: version() }));
for (const uri of JSON.parse(process.env.LOGIN_URIS)) {
  let answer;
  try {
    const admin = new Mongo(uri).getDB('admin');
    admin.runCommand({ ping: 1 });
    const status = admin.runCommand({ connectionStatus: 1 });
    answer = { users: status.authInfo.authenticatedUsers.map((each) => each.user) };
  } catch (error) {
    answer = { code: error.code ?? null, message: String(error.message) };
  }
  print(JSON.stringify(answer));
}
