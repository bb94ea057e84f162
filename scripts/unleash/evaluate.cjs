// usage: node evaluate.cjs URL CLIENT_TOKEN USERS FLAG…
// Asks the official SDK, after one fetch, for the users u0, u1… of each flag; prints {"FLAG": [numbers of those who get it]}.
const { InMemStorageProvider, Unleash } = require('unleash-client');

const [url, token, users, ...flags] = process.argv.slice(2);
const fail = (why) => {
    console.error(String(why));
    process.exit(1);
};
// The SDK's own timers don't keep the process alive until it has its first answer.
const limit = setTimeout(() => fail('not synchronised within 30 s'), 30000);
const client = new Unleash({
    url: `${url}/api/`,
    appName: 'flagctl-tests',
    customHeaders: { Authorization: token },
    refreshInterval: 60000,
    disableMetrics: true,
    storageProvider: new InMemStorageProvider(),
});
client.on('error', fail);
client.on('synchronized', () => {
    const answer = {};
    for (const flag of flags) {
        answer[flag] = [];
        for (let user = 0; user < Number(users); user += 1) {
            if (client.isEnabled(flag, { userId: `u${user}` })) answer[flag].push(user);
        }
    }
    clearTimeout(limit);
    client.destroy();
    process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
});
