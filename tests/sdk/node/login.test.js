'use strict'

const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { after, before, test } = require('node:test')

const pods = require('./pod')

let pod
before(async () => { pod = await pods.start() })
after(async () => assert.equal(await pod.stop(), 0))

/** Runs a bot to its end, whichever that is. */
function run (bot) {
  const config = { nodeTlsRejectUnauthorized: 1, ...bot }
  for (const component of ['sessionAuth', 'keyAuth', 'pod', 'agent']) {
    config[`${component}Host`] = 'localhost'
    config[`${component}Port`] = pod.port
  }
  const file = path.join(pod.directory, 'config.json')
  fs.writeFileSync(file, JSON.stringify(config))
  return runFile(file)
}

/** Runs a bot with what is in a file. */
function runFile (file) {
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: path.join(pod.home, 'ca.pem') }
  return new Promise(resolve => {
    execFile(process.execPath, [path.join(__dirname, 'bot.js'), file], { env }, (failure, stdout, stderr) => {
      resolve({ failure, stdout, stderr })
    })
  })
}

function whatItLearned ({ failure, stdout, stderr }) {
  assert.equal(failure, null, stderr)
  return JSON.parse(stdout.trimEnd().split('\n').pop())
}

function certificateBot (name) {
  return {
    authType: 'certificate',
    botUsername: name,
    botCertPath: pod.home + path.sep,
    botCertName: `${name}.p12`,
    botCertPassword: 'changeit'
  }
}

function rsaBot (name) {
  return {
    authType: 'rsa',
    botUsername: name,
    botPrivateKeyPath: pod.home + path.sep,
    botPrivateKeyName: `${name}-rsa.pem`
  }
}

test('a bot logs in with its certificate and learns who it is', async () => {
  const bot = whatItLearned(await run(certificateBot('bot')))

  assert.equal(bot.user.username, 'bot')
  assert.ok(bot.user.displayName)
  assert.ok(bot.sessionAuthToken)
  assert.ok(bot.kmAuthToken)
  assert.notEqual(bot.sessionAuthToken, bot.kmAuthToken)
})

test('the configuration that the pod makes is read as it is', async () => {
  const directory = pods.configure(pod, 'legacy-node')
  const bot = whatItLearned(await runFile(path.join(directory, 'legacy-node.json')))

  assert.equal(bot.user.username, 'bot')
})

// The client takes the body of a 401 for a token and dies of the token it does not find there: `request` in
// lib/Request/index.js never looks at the status, and initBotUser in lib/SymBotAuth/index.js then sends
// `sessionToken: undefined`.
test('a certificate with an unknown name kills the client in its next request', async () => {
  const { failure, stdout } = await run(certificateBot('stranger'))

  assert.ok(failure)
  assert.match(stdout, /ERR_HTTP_INVALID_HEADER_VALUE/)
})

test('a bot logs in with one signed token for pod and key manager', async () => {
  const bot = whatItLearned(await run(rsaBot('bot')))

  assert.equal(bot.user.username, 'bot')
  assert.ok(bot.sessionAuthToken)
  assert.ok(bot.kmAuthToken)
})

test('a key with an unknown name kills the client in its next request', async () => {
  const { failure, stdout } = await run(rsaBot('stranger'))

  assert.ok(failure)
  assert.match(stdout, /ERR_HTTP_INVALID_HEADER_VALUE/)
})

// getJwtToken in lib/SymBotAuth/index.js signs with the app's key and ignores the app's id: `sub` stays the bot's name.
test('an app cannot log in, because the client signs in the name of the bot', async () => {
  const app = { appId: 'app', appPrivateKeyPath: pod.home + path.sep, appPrivateKeyName: 'app-rsa.pem' }
  const bot = whatItLearned(await run({ ...rsaBot('bot'), ...app }))

  assert.equal(bot.app.code, 401)
})
