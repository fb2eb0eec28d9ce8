'use strict'

// A bot as its owner would run it: `node bot.js CONFIG` logs in and prints what it learned as one line of JSON. A process
// of its own, because the client keeps its state in modules and Node reads NODE_EXTRA_CA_CERTS only when it starts.

const SymBotAuth = require('symphony-api-client-node/lib/SymBotAuth')
const Symphony = require('symphony-api-client-node')

const [, , config] = process.argv

async function logIn () {
  const tokens = await Symphony.initBot(config)
  const app = Symphony.config.appId ? await Symphony.authenticateOboApp() : undefined
  return { ...tokens, user: SymBotAuth.botUser, app }
}

logIn().then(
  learned => console.log(JSON.stringify(learned)),
  failure => {
    console.error(failure)
    process.exitCode = 1
  }
)
