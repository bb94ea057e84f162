// Users to roll out to: a thousand of them, who ask for both modules again and again, until this is stopped.

const url = process.env["URL"] ?? "http://127.0.0.1:7879";

for (let user = 0; ; user = (user + 1) % 1000) {
  const headers = { "x-user-id": `user-${user}` };
  const answers = await Promise.all(["/holograph", "/hyperspace"].map((path) => fetch(url + path, { headers })));
  await Promise.all(answers.map((answer) => answer.arrayBuffer()));
}
