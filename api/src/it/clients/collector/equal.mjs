// Asks two servers for the flame graph of all that our agent sent, until they agree stack by stack or the time is over.
//   node equal.mjs NAME SERVER SERVER TYPE VALUE_OF_A_SAMPLE SECONDS
const [name, ...rest] = process.argv.slice(2);
const [type, period, seconds] = rest.slice(2);
const end = Date.now() + Number(seconds) * 1000;

async function stacks(server) {
  const query = encodeURIComponent(`${type}{profiler="flarepath"}`);
  const answer = await fetch(`${server}/pyroscope/render?query=${query}&from=now-1h&until=now&format=collapsed`);
  if (answer.status !== 200) {
    throw new Error(`HTTP ${answer.status}: ${await answer.text()}`);
  }
  return (await answer.text()).split('\n').sort();
}

const total = (lines) => lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);

for (;;) {
  const [through, direct] = await Promise.all(rest.slice(0, 2).map(stacks));
  const good = total(direct) > 0 && through.join('\n') === direct.join('\n');
  if (good || Date.now() > end) {
    const samples = [through, direct].map((lines) => Math.round(total(lines) / Number(period)));
    console.log(`${name} | ${type} | ${samples[0]} through it, ${samples[1]} directly | ${direct.length} stacks | ${good ? 'equal' : 'FAILED'}`);
    process.exit(good ? 0 : 1);
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
}
