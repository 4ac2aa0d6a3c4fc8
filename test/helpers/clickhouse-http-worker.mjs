// The process behind `clickhouse-http-front.ts`: plain JavaScript, because Node 20 runs it without a build step.
import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip, gzipSync } from 'node:zlib';
import { Session } from 'chdb';

const [folder] = process.argv.slice(2);
const USER = 'microwall';
const PASSWORD = 'sécret';

const session = new Session(join(folder, 'engine'));
const bodies = join(folder, 'bodies');
mkdirSync(bodies, { recursive: true });
let behaviour = 'pass';
let count = 0;
/** One statement at a time: settings and parameters are those of the whole connection. */
let turn = Promise.resolve();

const server = createServer((request, response) => {
  answer(request, response).catch((error) => refuse(response, 500, error));
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', ({ behave }) => {
  behaviour = behave;
  process.send({ behaving: behave });
});
process.on('SIGTERM', () => {
  session.close();
  process.exit(0);
});
process.on('disconnect', () => process.exit(0));

async function answer(request, response) {
  const url = new URL(request.url, 'http://front');
  if (url.pathname === '/ping') return response.end('Ok.\n');
  if (!authorised(request)) {
    request.resume();
    const text = `Code: 516. DB::Exception: ${USER}: Authentication failed. (AUTHENTICATION_FAILED)`;
    return refuse(response, 403, new Error(text));
  }
  const how = behaviour;
  const body = await spool(request);
  try {
    if (how === 'fail')
      return refuse(response, 500, new Error('Code: 210. DB::Exception: made to fail. (NETWORK_ERROR)'));
    if (how === 'slow') await sleep(2_000);
    const result = await inTurn(() => run(url.searchParams, body));
    if (how === 'hang') return undefined;
    if (how === 'drop') return request.socket.destroy();
    if (how === 'fail-after')
      return refuse(response, 500, new Error('Code: 159. DB::Exception: made to time out. (TIMEOUT_EXCEEDED)'));
    return send(request, response, result);
  } finally {
    rmSync(body.file, { force: true });
  }
}

function authorised(request) {
  const basic = /^Basic (.*)$/.exec(request.headers.authorization ?? '');
  const given = basic
    ? Buffer.from(basic[1], 'base64').toString('utf8')
    : `${request.headers['x-clickhouse-user']}:${request.headers['x-clickhouse-key']}`;
  return given === `${USER}:${PASSWORD}`;
}

/** Keeps the body in a file: inserts are read from there, however large. */
async function spool(request) {
  const file = join(bodies, `${count++}.body`);
  const unzip = request.headers['content-encoding'] === 'gzip' ? [createGunzip()] : [];
  await pipeline([request, ...unzip, createWriteStream(file)]);
  return { file };
}

function inTurn(work) {
  const result = turn.then(work);
  turn = result.catch(() => undefined);
  return result;
}

/** Parameters that are no settings of the engine. */
const NOT_SETTINGS = new Set(['query', 'query_id', 'session_id', 'database', 'default_format', 'role']);
const HTTP_ONLY = /^(wait_end_of_query|enable_http_compression|send_progress_in_http_headers|http_.*)$/;

async function run(search, body) {
  const { readFile } = await import('node:fs/promises');
  const settings = [...search].filter(
    ([name]) => !NOT_SETTINGS.has(name) && !name.startsWith('param_') && !HTTP_ONLY.test(name),
  );
  const parameters = [...search].filter(([name]) => name.startsWith('param_'));
  const inUrl = search.get('query');
  const query = inUrl ?? (await readFile(body.file, 'utf8'));
  const insert = inUrl === null ? null : /^\s*INSERT INTO\s+(\S+)\s*\(([^)]*)\)\s*FORMAT\s+(\w+)\s*$/i.exec(inUrl);
  const set = [
    ...settings.map(([name, value]) => `SET ${name} = ${literal(value)}`),
    ...parameters.map(([name, value]) => `SET ${name} = ${literal(value)}`),
  ];
  const statement = insert ? insertFrom(insert, body.file) : query;
  const unset = settings.map(([name]) => `SET ${name} = DEFAULT`);
  try {
    const sql = [...set, statement].join('; ');
    return Buffer.from(
      (await session.queryAsync(sql, { format: search.get('default_format') ?? 'TabSeparated' })).bytes(),
    );
  } finally {
    if (unset.length > 0) await session.queryAsync(unset.join('; '));
  }
}

function insertFrom([, table, columns, format], file) {
  return `INSERT INTO ${table} (${columns}) FROM INFILE ${literal(file)} COMPRESSION 'none' FORMAT ${format}`;
}

function literal(text) {
  return `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;
}

function send(request, response, bytes) {
  const zipped = /gzip/.test(request.headers['accept-encoding'] ?? '');
  response.writeHead(200, {
    'content-type': 'text/plain; charset=UTF-8',
    'x-clickhouse-summary': '{"read_rows":"0","read_bytes":"0","written_rows":"0","written_bytes":"0"}',
    ...(zipped ? { 'content-encoding': 'gzip' } : {}),
  });
  response.end(zipped ? gzipSync(bytes, { level: 1 }) : bytes);
}

/** As a server does: the code in a header, the text as the body. */
function refuse(response, status, error) {
  const code = error.clickhouseCode ?? /Code: (\d+)/.exec(error.message)?.[1];
  if (response.headersSent) return response.destroy();
  response.writeHead(status, code === undefined ? {} : { 'x-clickhouse-exception-code': String(code) });
  response.end(`${error.message}\n`);
}
