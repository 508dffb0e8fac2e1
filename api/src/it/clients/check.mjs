// Asks the server for the flame graph of a client's program until it has enough samples, and compares what the
// program's three functions have of their sum with 60, 30 and 10 percent.
//   node check.mjs SERVER SERVICE TYPE VALUE_OF_A_SAMPLE POINTS SECONDS [TYPE…]
// POINTS are what the shares may be off by beside what chance does to so many samples: none where CPU time is sampled,
// some where it is the clock on the wall, which goes on while others have the CPU.
// Of the other types there must be anything at all.
// Shares that are off at first are judged once more by four times as many samples, which chance spares half as much.
// The names of the functions may have anything before and behind them that is no letter.
const [server, service, type, period, points, seconds, ...others] = process.argv.slice(2);
const LEAST_SAMPLES = 1000;
const MORE_SAMPLES = 4 * LEAST_SAMPLES;
const wanted = { sixty: 60, thirty: 30, ten: 10 };
const end = Date.now() + Number(seconds) * 1000;

async function graph(wantedType) {
  const query = encodeURIComponent(`${wantedType}{service_name="${service}"}`);
  const answer = await fetch(`${server}/pyroscope/render?query=${query}&from=now-1h&until=now&max-nodes=65536`);
  if (answer.status !== 200) {
    throw new Error(`HTTP ${answer.status}: ${await answer.text()}`);
  }
  return (await answer.json()).flamebearer;
}

async function totals() {
  const { names, levels } = await graph(type);
  const sums = { sixty: 0, thirty: 0, ten: 0 };
  for (const level of levels) {
    for (let i = 0; i < level.length; i += 4) {
      const name = Object.keys(sums).find((one) => new RegExp(`(^|[^a-zA-Z])${one}([^a-zA-Z]|$)`).test(names[level[i + 3]]));
      if (name) {
        sums[name] += level[i + 1];
      }
    }
  }
  return sums;
}

// A connection that broke, as on a machine that stood still for a while, is made anew.
async function askedAgain(question) {
  try {
    return await question();
  } catch (failure) {
    if (!(failure instanceof TypeError) || Date.now() > end) {
      throw failure;
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return askedAgain(question);
  }
}

async function missing() {
  const empty = [];
  for (const other of others) {
    if ((await graph(other)).numTicks === 0) {
      empty.push(other);
    }
  }
  return empty;
}

for (let needed = LEAST_SAMPLES; ; ) {
  const sums = await askedAgain(totals);
  const sum = sums.sixty + sums.thirty + sums.ten;
  const samples = Math.round(sum / Number(period));
  const absent = await askedAgain(missing);
  const over = Date.now() > end;
  if ((samples >= needed && absent.length === 0) || over) {
    const shares = Object.keys(wanted).map((name) => (100 * sums[name]) / Math.max(1, sum));
    // Three standard deviations of so many samples, and half a point for what else runs in the program.
    const allowed = 0.5 + Number(points) + (150 * Math.sqrt(0.96)) / Math.sqrt(Math.max(1, samples));
    const right = Object.values(wanted).every((want, i) => Math.abs(shares[i] - want) <= allowed);
    if (!right && needed < MORE_SAMPLES && !over) {
      needed = MORE_SAMPLES;
      continue;
    }
    const good = right && samples >= LEAST_SAMPLES && absent.length === 0;
    const drawn = shares.map((share) => share.toFixed(1)).join(' / ');
    const lacking = absent.length === 0 ? '' : ` (nothing of ${absent.join(', ')})`;
    console.log(`${service} | ${type} | ${samples} | ${drawn} | ${good ? 'ok' : 'FAILED'}${lacking}`);
    process.exit(good ? 0 : 1);
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
}
