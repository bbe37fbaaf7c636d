/** Decides from which published packages retrieval is measured, and which of them nothing may be tuned on. */
import { createHash } from 'node:crypto';

/** How a package is had: by the ordinary client of its registry. `apt` is a source package, `deb` what a package of a scripting language installs. */
export type Client = 'npm' | 'pip' | 'go' | 'cargo' | 'mvn' | 'apt' | 'deb';

export type CorpusPackage = { language: string; client: Client; name: string; version: string };

/** `name@version` by language; Debian's source packages have the version of the release, which changes with time. */
const listed: readonly (readonly [language: string, client: Client, packages: string])[] = [
  [
    'typescript',
    'npm',
    'zod@3.25.76 rxjs@7.8.1 mobx@6.13.5 immer@10.1.1 @tanstack/query-core@5.62.7 @tanstack/table-core@8.20.5 @reduxjs/toolkit@2.5.0 effect@3.12.0 mongodb@6.12.0 ethers@6.13.4 @trpc/server@10.45.2 @xterm/xterm@5.5.0 rxdb@15.39.0 apollo-server-core@3.13.0',
  ],
  [
    'javascript',
    'npm',
    'fastify@5.2.0 preact@10.25.4 eslint@9.17.0 webpack@5.97.1 knex@3.1.0 mongoose@8.9.2 undici@7.2.0 svelte@5.16.0 nodemailer@6.9.16 axios@1.7.9 @hapi/hapi@21.3.12',
  ],
  [
    'python',
    'pip',
    'requests@2.32.3 flask@3.1.0 click@8.1.8 rich@13.9.4 httpx@0.28.1 starlette@0.45.2 celery@5.4.0 marshmallow@3.24.1 tornado@6.4.2 networkx@3.4.2',
  ],
  [
    'go',
    'go',
    'github.com/gin-gonic/gin@v1.10.0 github.com/spf13/cobra@v1.8.1 github.com/go-chi/chi/v5@v5.2.0 github.com/prometheus/client_golang@v1.20.5 gorm.io/gorm@v1.25.12 github.com/labstack/echo/v4@v4.13.3 github.com/hashicorp/raft@v1.7.1 sigs.k8s.io/controller-runtime@v0.19.3',
  ],
  [
    'rust',
    'cargo',
    'serde_json@1.0.134 tokio@1.42.0 clap_builder@4.5.23 axum@0.7.9 reqwest@0.12.9 regex-automata@0.4.9 rayon@1.10.0 tracing-subscriber@0.3.19 hyper@1.5.2',
  ],
  [
    'java',
    'mvn',
    'com.google.code.gson:gson@2.11.0 com.fasterxml.jackson.core:jackson-databind@2.18.2 com.squareup.okhttp3:okhttp@3.14.9 org.apache.commons:commons-lang3@3.17.0 org.jsoup:jsoup@1.18.3 com.github.ben-manes.caffeine:caffeine@3.1.8 com.google.guava:guava@33.4.0-jre com.squareup.retrofit2:retrofit@2.11.0',
  ],
  [
    'kotlin',
    'mvn',
    'com.squareup.okhttp3:okhttp@4.12.0 com.squareup.okio:okio-jvm@3.9.1 com.squareup.moshi:moshi@1.15.2 io.ktor:ktor-server-core-jvm@3.0.2 io.ktor:ktor-client-core-jvm@3.0.2 org.jetbrains.kotlinx:kotlinx-coroutines-core-jvm@1.9.0',
  ],
  [
    'scala',
    'mvn',
    'org.typelevel:cats-core_2.13@2.12.0 com.typesafe.akka:akka-actor_2.13@2.6.21 dev.zio:zio_2.13@2.1.13 io.circe:circe-core_2.13@0.14.10 org.typelevel:cats-effect_2.13@3.5.7',
  ],
  ['c', 'apt', 'redis libuv1 curl jansson libevent jq tmux libgit2'],
  ['cpp', 'apt', 'fmtlib leveldb nlohmann-json3 spdlog re2 yaml-cpp snappy'],
  ['ruby', 'deb', 'ruby-rack ruby-sinatra jekyll ruby-faraday ruby-sidekiq ruby-devise ruby-asciidoctor rubocop'],
  ['php', 'apt', 'php-monolog php-guzzlehttp-psr7 composer php-twig phpunit php-parser php-league-commonmark'],
  ['csharp', 'apt', 'keepass2'],
  ['lua', 'deb', 'lua-penlight prosody lua-http awesome'],
  ['haskell', 'apt', 'haskell-aeson haskell-megaparsec haskell-conduit'],
  ['elixir', 'apt', 'elixir-lang'],
];

/** Every package, in a fixed order. */
export const packages: readonly CorpusPackage[] = listed.flatMap(([language, client, names]) =>
  names.split(' ').map((entry) => {
    const at = entry.lastIndexOf('@');
    const [name, version] = at > 0 ? [entry.slice(0, at), entry.slice(at + 1)] : [entry, ''];
    return { language, client, name, version };
  }),
);

export type Part = 'train' | 'held-out';

const rankOf = (name: string): string => createHash('sha256').update(name).digest('hex');

/**
 * The part that a package belongs to. Within a language the packages are ordered by the hash of their names, and every
 * second one is held out, so that each language with two packages or more is in both parts.
 */
export function partOf(wanted: CorpusPackage, all: readonly CorpusPackage[] = packages): Part {
  const peers = all.filter(({ language }) => language === wanted.language).map(({ name }) => name);
  const place = peers.sort((a, b) => rankOf(a).localeCompare(rankOf(b))).indexOf(wanted.name);
  return place % 2 === 0 ? 'held-out' : 'train';
}
