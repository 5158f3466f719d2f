// Lambda's runtime API in Node.js, as far as one function needs it: `node runtime.mjs BUNDLE`.
// Stands in for the package `aws-lambda-ric`, whose current version needs Node.js 22 and a native build with cmake.

import { createRequire } from "node:module";
import { Agent, request } from "node:http";
import { resolve } from "node:path";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body) {
  return new Promise((done, failed) => {
    const options = { host, port, agent, method, path: `/2018-06-01/runtime/invocation/${path}` };
    const sent = request(options, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", failed);
      response.on("end", () => done({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
    });
    sent.on("error", failed);
    sent.end(body);
  });
}

const { handler } = createRequire(import.meta.url)(resolve(process.argv[2]));
for (;;) {
  const { headers, body } = await call("GET", "next");
  const id = headers["lambda-runtime-aws-request-id"];
  try {
    await call("POST", `${id}/response`, JSON.stringify(await handler(JSON.parse(body))));
  } catch (failed) {
    await call("POST", `${id}/error`, JSON.stringify({ errorType: failed.name, errorMessage: failed.message }));
  }
}
