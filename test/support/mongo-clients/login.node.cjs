// Logs in with a generation of the npm package `mongodb`: its name, then one URI each argument; one line of JSON each answer.
const { readFileSync } = require('node:fs');

const [name, ...uris] = process.argv.slice(2);
const { MongoClient } = require(name);
const major = Number(require(`${name}/package.json`).version.split('.')[0]);

/** 2.x knew TLS by other names, and certificates only as bytes. */
function oldTls(uri) {
  const [address, query] = uri.split('?');
  const options = new URLSearchParams(query);
  const file = options.get('tlsCAFile');
  if (!file) return [uri];
  const own = options.get('tlsCertificateKeyFile');
  for (const option of ['tls', 'tlsCAFile', 'tlsCertificateKeyFile']) options.delete(option);
  options.set('ssl', 'true');
  const certificate = own ? { sslCert: readFileSync(own), sslKey: readFileSync(own) } : {};
  return [
    `${address}?${options}`,
    { ssl: true, sslValidate: true, sslCA: [readFileSync(file)], ...certificate },
  ];
}

/** Before 3.0 there was no client: what connects is a function, and what it gives is a database. */
async function open(uri) {
  if (major < 3) {
    const database = await MongoClient.connect(...oldTls(uri));
    return { admin: database.db('admin'), close: () => database.close() };
  }
  // 3.x would use its old parser and topology without these.
  const client = new MongoClient(uri, major === 3 ? { useNewUrlParser: true, useUnifiedTopology: true } : {});
  const close = () => client.close();
  try {
    await client.connect();
  } catch (error) {
    await close();
    throw error;
  }
  return { admin: client.db('admin'), close };
}

async function login(uri) {
  let opened;
  try {
    opened = await open(uri);
    await opened.admin.command({ ping: 1 });
    const status = await opened.admin.command({ connectionStatus: 1 });
    return { users: status.authInfo.authenticatedUsers.map((each) => each.user) };
  } catch (error) {
    return { code: error.code ?? null, message: String(error.message) };
  } finally {
    await opened?.close();
  }
}

(async () => {
  console.log(JSON.stringify({ version: require(`${name}/package.json`).version }));
  for (const uri of uris) console.log(JSON.stringify(await login(uri)));
})();
