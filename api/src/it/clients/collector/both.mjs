// Takes what an agent sends by OTLP and hands each request on to two servers; it is good when both have taken it.
//   node both.mjs PORT SERVER SERVER
import { createServer } from 'node:http';

const [port, ...servers] = process.argv.slice(2);

async function handOn(server, request, body) {
  const headers = {};
  for (const name of ['content-type', 'content-encoding']) {
    if (request.headers[name]) {
      headers[name] = request.headers[name];
    }
  }
  const answer = await fetch(server + request.url, { method: 'POST', headers, body });
  await answer.arrayBuffer();
  return answer.status;
}

createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) {
    parts.push(part);
  }
  if (request.url !== '/v1development/profiles') {
    response.writeHead(404).end();
    return;
  }
  try {
    const statuses = await Promise.all(servers.map((server) => handOn(server, request, Buffer.concat(parts))));
    console.log(statuses.join(' '));
    response.writeHead(statuses.find((status) => status !== 200) ?? 200).end();
  } catch (failure) {
    console.log(String(failure.cause ?? failure));
    response.writeHead(503).end();
  }
}).listen(Number(port), '127.0.0.1');
