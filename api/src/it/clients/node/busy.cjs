// A program that spends 60, 30 and 10 parts of its time in three functions, profiled by Pyroscope's SDK for Node.js.
'use strict';
const Pyroscope = require('@pyroscope/nodejs');

let sum = 0;

function burn(rounds) {
  let x = 0;
  for (let i = 0; i < rounds * 200_000; i++) {
    x += Math.sqrt(i) * (i & 3);
  }
  sum += x;
}

function sixty() {
  burn(6);
}

function thirty() {
  burn(3);
}

function ten() {
  burn(1);
}

Pyroscope.init({
  serverAddress: process.env.PYROSCOPE_SERVER_ADDRESS,
  appName: 'client-node',
  tags: { part: 'node' },
  flushIntervalMs: 5_000,
  wall: { samplingDurationMs: 5_000, samplingIntervalMicros: 10_000, collectCpuTime: true },
});
Pyroscope.start();
const end = Date.now() + Number(process.argv[2]) * 1000;

// Gives the SDK's timers their turn.
function turn() {
  for (const pause = Date.now() + 200; Date.now() < pause; ) {
    sixty();
    thirty();
    ten();
  }
  if (Date.now() < end) {
    setImmediate(turn);
  } else {
    Pyroscope.stop().then(() => process.exit(0));
  }
}

turn();
