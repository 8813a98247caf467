import { NAMED, type Project } from "../project.ts";

const POSTGRES = "/usr/lib/postgresql/15/bin";
const RACK = 'run ->(_env) { [200, {}, ["app"]] }\n';
const SINATRA = 'require "sinatra"\nget("/") { "app" }\n';
const RAILS = `require "action_controller/railtie"
class App < Rails::Application
  config.eager_load = false
  config.secret_key_base = "app"
end
`;

export const others: Project[] = [
  {
    name: "redis",
    program: "redis-server",
    version: ["redis-server", "--version"],
    files: { "redis.conf": 'save ""\n' },
    commands: ["redis-server", "redis-server redis.conf"],
    named: `redis-server --port ${NAMED}`,
  },
  {
    name: "memcached",
    program: "memcached",
    version: ["memcached", "--version"],
    commands: ["memcached -u nobody"],
    named: `memcached -u nobody -p ${NAMED}`,
  },
  {
    name: "postgres",
    program: `${POSTGRES}/postgres`,
    version: [`${POSTGRES}/postgres`, "--version"],
    user: 65_534,
    setup: [
      ["mkdir", "data"],
      ["chown", "65534:65534", "data"],
      [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        `${POSTGRES}/initdb`,
        "-D",
        "data",
      ],
    ],
    commands: [`${POSTGRES}/postgres -D data -k /tmp`],
    named: `${POSTGRES}/postgres -D data -k /tmp -p ${NAMED}`,
  },
  {
    name: "php",
    program: "php",
    version: ["php", "--version"],
    files: { "index.php": "app" },
    commands: ["php -S localhost:{port}", "php -d display_errors=1 -S 127.0.0.1:{port} -t ."],
  },
  {
    name: "caddy",
    program: "caddy",
    version: ["caddy", "version"],
    files: { "index.html": "app" },
    commands: ["caddy file-server"],
  },
  {
    name: "hugo",
    program: "hugo",
    version: ["hugo", "version"],
    files: { "config.toml": 'title = "app"\n', "content/index.md": "# app\n" },
    commands: ["hugo server", "hugo serve -D"],
    named: `hugo server -p ${NAMED}`,
  },
  {
    name: "jekyll",
    program: "jekyll",
    version: ["jekyll", "--version"],
    files: { "index.md": "# app\n", "_config.yml": "title: app\n" },
    commands: ["jekyll serve", "jekyll s --no-watch"],
    named: `jekyll serve -P ${NAMED}`,
  },
  {
    name: "puma",
    program: "puma",
    version: ["puma", "--version"],
    files: { "config.ru": RACK },
    commands: ["puma"],
  },
  {
    name: "puma-config",
    program: "puma",
    version: ["puma", "--version"],
    files: { "config.ru": RACK, "config/puma.rb": 'port ENV.fetch("PORT", 3000)\n' },
    commands: ["puma"],
  },
  {
    name: "rackup",
    program: "rackup",
    version: ["rackup", "--version"],
    files: { "config.ru": RACK },
    commands: ["rackup"],
    named: `rackup -p ${NAMED}`,
  },
  {
    name: "sinatra",
    program: "ruby",
    version: ["ruby", "-rsinatra/version", "-e", "puts Sinatra::VERSION"],
    files: { "app.rb": SINATRA },
    commands: ["ruby app.rb"],
  },
  {
    name: "rails",
    program: "rails",
    version: ["rails", "--version"],
    files: {
      "config/application.rb": RAILS,
      "config/environment.rb": 'require_relative "application"\nApp.initialize!\n',
      "config/puma.rb": 'port ENV.fetch("PORT", 3000)\n',
      "config.ru": 'require_relative "config/environment"\nrun Rails.application\n',
      "bin/rails.rb":
        'APP_PATH = File.expand_path("../config/application", __dir__)\nrequire "rails/commands"\n',
      "bin/rails": '#!/usr/bin/ruby\nload File.expand_path("rails.rb", __dir__)\n',
    },
    commands: ["ruby bin/rails server", "ruby bin/rails s"],
    named: `ruby bin/rails server -p ${NAMED}`,
  },
];
