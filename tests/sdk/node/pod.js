'use strict'

// The pod under test: its certificates, its process and its ready line.

const { execFileSync, spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const readline = require('node:readline')

const BINARY = process.env.MOCK_POD_BIN

// The flags alone decide: what the caller has set for a pod of his own stays out of it.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MOCK_POD_')))

/** Starts a pod. `home` holds the certificates it trusts; `stranger` among them is a name no account has. */
async function start () {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'mock-pod-'))
  const home = path.join(directory, 'home')
  execFileSync(BINARY, ['certs', '--out', home, '--user', 'bot', '--user', 'stranger', '--app', 'app'], {
    env,
    stdio: 'pipe'
  })
  const child = spawn(BINARY, ['serve', '--certs', home, '--port', '0', '--mtls-port', '0', '--control-port', '0'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const [line] = await Promise.race([
    once(readline.createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(() => { throw new Error('the pod ended before it was ready') })
  ])
  return {
    ...JSON.parse(line),
    directory,
    home,
    async stop () {
      child.kill('SIGTERM')
      const [status] = await once(child, 'exit')
      fs.rmSync(directory, { recursive: true })
      return status
    }
  }
}

/** Makes a folder with what an SDK reads to log `bot` in. */
function configure (pod, client) {
  const directory = path.join(pod.directory, client)
  const where = ['--bot', 'bot', '--out', directory, '--certs', pod.home, '--port', String(pod.port)]
  execFileSync(BINARY, ['sdk-config', '--client', client, ...where], { env, stdio: 'pipe' })
  return directory
}

module.exports = { start, configure }
