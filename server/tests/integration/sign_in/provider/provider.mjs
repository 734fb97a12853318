// A real OpenID provider (npm's certified `oidc-provider`) for the tests of sign-in, on a free port of this machine.
//
// It gives access tokens as JWTs for the client-credentials grant: what the form fields `pid`, `acr` and so on say becomes
// claims. Beside it, under /test, stands what a provider would never do: it mints hostile tokens with the provider's own
// keys, brings in a new key, goes down and up again, and counts how often its keys were asked for.
//
// Its first line of output is its URL. It ends when its standard input does.

import { createPublicKey } from 'node:crypto';
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { Provider } from 'oidc-provider';

const AUDIENCE = 'https://ledger.kvam.example';
const CLIENT = { id: 'caseworkers-tool', secret: 'a secret of the tests, and of nothing else' };

async function newKey(kid) {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' };
}

function publicPart({ kty, n, e, kid, alg, use }) {
  return { kty, n, e, kid, alg, use };
}

let keys = [await newKey('first')];
let provider;
let isDown = false;
let keysAsked = 0;

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end();
  });
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

// A provider reads its keys when it is made, so another key means another provider at the same address.
function begin() {
  provider = new Provider(issuer, {
    jwks: { keys },
    clients: [{
      client_id: CLIENT.id,
      client_secret: CLIENT.secret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    }],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        getResourceServerInfo: (_context, resource) => ({
          scope: '',
          audience: resource,
          accessTokenTTL: 600,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    extraParams: ['claims_of_test'],
    extraTokenClaims: (context) => JSON.parse(context.oidc.body?.claims_of_test ?? '{}'),
  });
  provider.on('server_error', (_context, error) => console.error(error));
}
begin();

async function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, issuer);
  if (pathname.startsWith('/test/')) {
    const body = await test(pathname.slice('/test/'.length), searchParams);
    response.writeHead(200, { 'content-type': 'text/plain' }).end(body);
  } else if (isDown) {
    response.writeHead(503).end();
  } else {
    if (pathname === '/jwks') keysAsked += 1;
    await provider.callback()(request, response);
  }
}

async function test(what, given) {
  switch (what) {
    case 'rotate':
      keys = [await newKey(given.get('kid')), ...keys];
      begin();
      return '';
    case 'down':
      isDown = given.get('is') === 'true';
      return '';
    case 'keys-asked':
      return String(keysAsked);
    case 'mint':
      return mint(given.get('kind'), JSON.parse(given.get('claims') ?? '{}'));
    default:
      throw new Error(`no such test: ${what}`);
  }
}

// Tokens that look like the provider's own, but for one thing.
async function mint(kind, extra) {
  const now = Math.floor(Date.now() / 1000);
  const [own] = keys;
  const claims = {
    iss: issuer, aud: AUDIENCE, sub: 'pairwise-4711', client_id: CLIENT.id, iat: now, exp: now + 600, jti: 'test',
    acr: 'idporten-loa-high', ...extra,
  };
  const header = { alg: 'RS256', typ: 'at+jwt', kid: own.kid };
  const signed = (changed, key, more = {}) =>
    new SignJWT({ ...claims, ...changed }).setProtectedHeader({ ...header, ...more }).sign(key);
  switch (kind) {
    case 'good':
      return signed({}, own);
    case 'expired':
      return signed({ iat: now - 4000, exp: now - 3400 }, own);
    case 'not-yet':
      return signed({ nbf: now + 3600 }, own);
    case 'other-audience':
      return signed({ aud: 'https://somebody.example' }, own);
    case 'other-issuer':
      return signed({ iss: 'https://somebody.example' }, own);
    case 'id-token':
      return signed({ aud: CLIENT.id }, own, { typ: 'JWT' });
    case 'logout-token':
      return signed({}, own, { typ: 'logout+jwt' });
    case 'unsigned':
      return new UnsecuredJWT(claims).encode();
    // The public key as the shared secret: as a PEM, as it is in a certificate, and as the JSON of the key set.
    case 'confused-pem': {
      const pem = createPublicKey({ key: publicPart(own), format: 'jwk' }).export({ type: 'spki', format: 'pem' });
      return signed({}, new TextEncoder().encode(pem), { alg: 'HS256' });
    }
    case 'confused-der': {
      const der = createPublicKey({ key: publicPart(own), format: 'jwk' }).export({ type: 'spki', format: 'der' });
      return signed({}, new Uint8Array(der), { alg: 'HS256' });
    }
    case 'confused-jwk':
      return signed({}, new TextEncoder().encode(JSON.stringify(publicPart(own))), { alg: 'HS256' });
    // Another's key under the provider's id, once named in the header for good measure.
    case 'forged':
      return signed({}, await newKey(own.kid));
    case 'forged-with-its-key': {
      const forger = await newKey(own.kid);
      return signed({}, forger, { jwk: publicPart(forger), jku: `${issuer}/test/forged` });
    }
    case 'unknown-key':
      return signed({}, await newKey('x'), { kid: `invented-${Math.random()}` });
    case 'other-algorithm':
      return signed({}, { ...own, alg: 'PS256' }, { alg: 'PS256' });
    case 'tampered': {
      const [head, , signature] = (await signed({}, own)).split('.');
      const other = Buffer.from(JSON.stringify({ ...claims, pid: '31129999999' })).toString('base64url');
      return `${head}.${other}.${signature}`;
    }
    default:
      throw new Error(`no such token: ${kind}`);
  }
}

process.stdin.on('end', () => process.exit(0)).resume();
console.log(issuer);
