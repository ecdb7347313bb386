package loomgate.server.config;

import static java.util.Map.entry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What uWSGI knows and this server does not: so that an INI written for uWSGI is understood, and never half-obeyed.
///
/// A name that ends in `*` stands for all that begin with what is before it.
final class UwsgiOptions {

    private static final String CONDITION =
            "conditions and loops; write a section for each case and choose it with app.ini:section";

    private static final String AFTER_BINDING =
            "privileges are always dropped after binding and before the application is loaded";

    /// Accepted, because there is nothing to ask for: the reason, as the end of "accepted without effect: …".
    private static final Map<String, String> WITHOUT_MEANING = table(
            entry("enable-threads", "a JVM always has threads"),
            entry("threads-stacksize", "requests run on virtual threads, whose stacks grow as needed"),
            entry("thread-stacksize", "requests run on virtual threads, whose stacks grow as needed"),
            entry("thunder-lock", "a connection wakes one worker only"),
            entry("single-interpreter", "there is one application in a JVM"),
            entry("lazy-apps", "each worker loads the application itself; a JVM cannot be forked"),
            entry("lazy", "each worker loads the application itself; a JVM cannot be forked"),
            entry("need-app", "a server without its application never starts"),
            entry("die-on-term", "TERM always stops the server"),
            entry("strict", "an unknown option is always an error"),
            entry("no-orphans", "workers always end with their master"),
            entry("close-on-exec", "descriptors are never passed on by accident"),
            entry("close-on-exec2", "descriptors are never passed on by accident"),
            entry("auto-procname", "a JVM cannot change the name of its process"),
            entry("procname", "a JVM cannot change the name of its process"),
            entry("procname-*", "a JVM cannot change the name of its process"),
            entry("offload-threads", "a file is sent by the virtual thread of its request"),
            entry("ignore-sigpipe", "a peer that goes away is never an error"),
            entry("ignore-write-errors", "a peer that goes away is never an error"),
            entry("disable-write-exception", "a peer that goes away is never an error"),
            entry("write-errors-*", "a peer that goes away is never an error"),
            entry("max-fd", "the JVM raises its own limit of descriptors to the hard one"),
            entry("async", "requests run on virtual threads; threads is their number"),
            entry("ugreen", "requests run on virtual threads"),
            entry("gevent*", "requests run on virtual threads; threads is their number"),
            entry("greenlet", "requests run on virtual threads"),
            entry("asyncio", "requests run on virtual threads"),
            entry("no-default-app", "there is one application"),
            entry("vhost", "there is one application; nginx chooses among servers by name"),
            entry("vhost-host", "there is one application; nginx chooses among servers by name"),
            entry("plugin", "there are no plugins; nothing needs to be loaded"),
            entry("plugins", "there are no plugins; nothing needs to be loaded"),
            entry("need-plugin", "there are no plugins; nothing needs to be loaded"),
            entry("need-plugins", "there are no plugins; nothing needs to be loaded"),
            entry("plugins-dir", "there are no plugins; nothing needs to be loaded"),
            entry("plugin-dir", "there are no plugins; nothing needs to be loaded"),
            entry("pythonpath", "it is Python's; jars go into jvm-classpath or home"),
            entry("python-path", "it is Python's; jars go into jvm-classpath or home"),
            entry("pp", "it is Python's; jars go into jvm-classpath or home"),
            entry("pymodule-alias", "it is Python's"),
            entry("pyargv", "it is Python's"),
            entry("py-*", "it is Python's"),
            entry("python-*", "it is Python's"),
            entry("optimize", "it is Python's"),
            entry("wsgi-env-behaviour", "it is Python's"),
            entry("wsgi-env-behavior", "it is Python's"),
            entry("wsgi-*", "it is Python's"),
            entry("honour-stdin", "the server does not read its standard input"),
            entry("post-buffering-bufsize", "buffers grow with what is in them"),
            entry("no-defer-accept", "an idle connection costs a virtual thread only"),
            entry("chain-reload*", "workers are always replaced one after the other"),
            entry("http-auto-chunked", "a response without a length is chunked anyway"),
            entry("max-worker-lifetime-delta",
                    "workers reach it at random times anyway, and are replaced one at a time"),
            entry("mem-collector-freq", "memory is looked at every second"),
            entry("check-interval", "dead workers are noticed at once"),
            entry("forkbomb-delay", "workers that end at once are started again more and more slowly"),
            entry("drop-after-init", AFTER_BINDING),
            entry("drop-after-apps", AFTER_BINDING));

    /// Refused, because it asks for something: the advice, as the end of "known from uWSGI, not supported: …".
    private static final Map<String, String> NOT_SUPPORTED = table(
            entry("master-as-root", "the master drops its privileges like the workers, after it has bound"),
            entry("callable", "name it in module = pkg.Class:member"),
            entry("mount", "there is one application; route inside it, or run one server for each"),
            entry("manage-script-name", "there is one application, at the root of the server"),
            entry("wsgi-file", "name a class in module = pkg.Class"),
            entry("file", "name a class in module = pkg.Class"),
            entry("eval", "name a class in module = pkg.Class"),
            entry("pecan", "name a class in module = pkg.Class"),
            entry("paste*", "name a class in module = pkg.Class"),
            entry("ini-paste*", "name a class in module = pkg.Class"),
            entry("psgi", "name a class in module = pkg.Class"),
            entry("rack", "name a class in module = pkg.Class"),
            entry("php-*", "name a class in module = pkg.Class"),
            entry("cgi*", "name a class in module = pkg.Class"),
            entry("jwsgi", "name a class in module = pkg.Class"),
            entry("jvm-main-class", "name a class in module = pkg.Class"),
            entry("jvm-class", "name a class in module = pkg.Class"),
            entry("ring-*", "name a class in module = pkg.Class"),
            entry("clojure-*", "name a class in module = pkg.Class"),
            entry("limit-as", "give the JVM its limits with jvm-opt = -Xmx512m"),
            entry("limit-nproc", "let systemd (LimitNPROC) or the container set it"),
            entry("max-vars", "buffer-size limits the whole head"),
            entry("cheap", "processes is a fixed number"),
            entry("cheaper*", "processes is a fixed number"),
            entry("idle", "let systemd start and stop the server"),
            entry("die-on-idle", "let systemd start and stop the server"),
            entry("spooler*", "use a queue and a process of its own"),
            entry("mule*", "use a process of its own, or a thread of the application"),
            entry("farm*", "use a process of its own, or a thread of the application"),
            entry("cron*", "use systemd timers or cron, or a scheduler in the application"),
            entry("unique-cron", "use systemd timers or cron, or a scheduler in the application"),
            entry("timer*", "use a scheduler in the application"),
            entry("attach-daemon*", "run it as a service of its own"),
            entry("smart-attach-daemon*", "run it as a service of its own"),
            entry("legion*", "let the cluster's own means decide who runs"),
            entry("emperor*", "run each server as a service of systemd"),
            entry("vassal*", "run each server as a service of systemd"),
            entry("zerg*", "start another worker instead: processes"),
            entry("subscribe*", "list the servers in nginx's upstream block"),
            entry("fastrouter*", "nginx is the router"),
            entry("rawrouter*", "nginx is the router"),
            entry("sslrouter*", "nginx is the router"),
            entry("cache*", "use a cache of the application, or nginx's"),
            entry("static-*", "let nginx serve files: root, alias, try_files"),
            entry("check-static*", "let nginx serve files: root, alias, try_files"),
            entry("mimefile", "let nginx serve files: root, alias, try_files"),
            entry("file-serve-mode", "let nginx serve files: root, alias, try_files"),
            entry("route*", "do it in nginx's location and rewrite, or in the application"),
            entry("final-route*", "do it in nginx's location and rewrite, or in the application"),
            entry("error-route*", "do it in nginx's location and rewrite, or in the application"),
            entry("response-route*", "do it in nginx's location and rewrite, or in the application"),
            entry("add-header", "set it in nginx (add_header) or in the application"),
            entry("del-header", "hide it in nginx (proxy_hide_header, uwsgi_hide_header)"),
            entry("collect-header", "read it in the application"),
            entry("https*", "let nginx do TLS"),
            entry("http-to-https", "let nginx redirect"),
            entry("ssl-*", "let nginx do TLS"),
            entry("sni*", "let nginx do TLS"),
            entry("http-to", "let nginx be the router, and listen with http"),
            entry("http-timeout", "use socket-timeout"),
            entry("http-*", "there is no HTTP router; the workers speak HTTP themselves"),
            entry("so-keepalive", "use socket-timeout to end dead connections"),
            entry("so-send-timeout", "use socket-timeout"),
            entry("socket-send-timeout", "use socket-timeout"),
            entry("socket-write-timeout", "use socket-timeout"),
            entry("reuse-port", "all workers share the listener that the master opened"),
            entry("freebind", "start the server when the address exists (systemd: network-online.target)"),
            entry("shared-socket", "write the address in socket or http"),
            entry("undeferred-shared-socket", "write the address in socket or http"),
            entry("map-socket", "every worker serves every listener"),
            entry("protocol", "say which it is by socket or http"),
            entry("socket-protocol", "say which it is by socket or http"),
            entry("abstract-socket", "write socket = @name"),
            entry("fastcgi*", "use socket (uwsgi) or http"),
            entry("scgi*", "use socket (uwsgi) or http"),
            entry("raw-socket", "use socket (uwsgi) or http"),
            entry("puwsgi-socket", "use socket (uwsgi) or http"),
            entry("suwsgi-socket", "use socket, with nginx on the same host"),
            entry("upgrade-to", "install the other program, and use `loomgate upgrade`"),
            entry("xmlrpc*", "do it in the application"),
            entry("websocket*", "the application cannot take a connection over"),
            entry("stats*", "there are no statistics in this version"),
            entry("metric*", "there are no statistics in this version"),
            entry("enable-metrics", "there are no statistics in this version"),
            entry("carbon*", "there are no statistics in this version"),
            entry("snmp*", "there are no statistics in this version"),
            entry("touch-*", "send the master a signal: HUP reloads"),
            entry("fs-*", "send the master a signal: HUP reloads"),
            entry("master-fifo", "send the master a signal: TERM stops, HUP reloads"),
            entry("python-auto-reload", "restart the server after a build"),
            entry("py-autoreload", "restart the server after a build"),
            entry("py-auto-reload", "restart the server after a build"),
            entry("hook-*", "do it in the service file (systemd: ExecStartPre, ExecStopPost)"),
            entry("exec-*", "do it in the service file (systemd: ExecStartPre, ExecStopPost)"),
            entry("call-*", "do it in the application"),
            entry("reload-on-fd", "the application has to close what it opens"),
            entry("reload-on-exception*", "an exception ends its request alone"),
            entry("reload-os-env", "restart the server"),
            entry("harakiri-no-arh", "there is one deadline for each request"),
            entry("harakiri-graceful-*", "there is one deadline for each request"),
            entry("harakiri-queue-threshold", "there is one deadline for each request"),
            entry("mule-reload-mercy", "there are no mules"),
            entry("logger*", "log to standard error or logto, and let the system's log do the rest"),
            entry("req-logger*", "log to standard error or logto, and let the system's log do the rest"),
            entry("log-req-route", "log to standard error or logto, and let the system's log do the rest"),
            entry("log-route", "log to standard error or logto, and let the system's log do the rest"),
            entry("syslog*", "log to standard error and let systemd pass it on"),
            entry("rsyslog*", "log to standard error and let systemd pass it on"),
            entry("log-syslog*", "log to standard error and let systemd pass it on"),
            entry("log-socket", "log to standard error and let systemd pass it on"),
            entry("log-format*", "the request log has one format"),
            entry("logformat*", "the request log has one format"),
            entry("log-encoder*", "the request log has one format"),
            entry("log-req-encoder", "the request log has one format"),
            entry("logdate", "each line has its date"),
            entry("log-date", "each line has its date"),
            entry("log-prefix", "each line has its date"),
            entry("log-maxsize", "use logrotate"),
            entry("log-backupname", "use logrotate"),
            entry("log-truncate", "use logrotate"),
            entry("log-reopen", "use logrotate"),
            entry("log-master*", "leave it out; logto is enough"),
            entry("log-drain*", "use logto"),
            entry("logto2", "use logto"),
            entry("logfile-*", "let the umask, or logrotate, do it"),
            entry("log-4xx", "read the status in the request log"),
            entry("log-5xx", "read the status in the request log"),
            entry("log-big", "read the size in the request log"),
            entry("log-zero", "read the size in the request log"),
            entry("log-sendfile", "read the request log"),
            entry("log-x-forwarded-for", "let nginx log it"),
            entry("daemonize2", "use daemonize, which behaves like it"),
            entry("pidfile2", "use pidfile"),
            entry("safe-pidfile*", "use pidfile"),
            entry("chroot", "use the service file (systemd: RootDirectory) or a container"),
            entry("namespace*", "use the service file or a container"),
            entry("cgroup*", "use the service file or a container"),
            entry("cap", "use the service file (systemd: AmbientCapabilities)"),
            entry("unshare", "use the service file or a container"),
            entry("jailed", "use the service file or a container"),
            entry("add-gid", "add the user to the group"),
            entry("no-initgroups", "the user's groups are always taken over"),
            entry("immediate-uid", "use uid"),
            entry("immediate-gid", "use gid"),
            entry("umask", "set it where the server is started (systemd: UMask)"),
            entry("chdir2", "use chdir"),
            entry("cpu-affinity", "use taskset, or the service file (systemd: CPUAffinity)"),
            entry("nice", "use the service file (systemd: Nice)"),
            entry("prio", "use the service file (systemd: Nice)"),
            entry("rpc*", "do it in the application"),
            entry("signal*", "do it in the application"),
            entry("queue*", "do it in the application"),
            entry("sharedarea*", "do it in the application"),
            entry("alarm*", "let the system's monitoring do it"),
            entry("env-dir*", "write env = NAME=value"),
            entry("envdir*", "write env = NAME=value"),
            entry("unenv", "let the service file leave it out"),
            entry("inherit", "use ini, which includes a file in its place"),
            entry("fallback-config", "a wrong configuration never starts"),
            entry("config", "use ini"),
            entry("xml", "use ini"),
            entry("yaml", "use ini"),
            entry("yml", "use ini"),
            entry("json", "use ini"),
            entry("print", "write a comment"),
            entry("exit", "remove it"),
            entry("show-config", "leave it out"),
            entry("blacklist*", "remove it"),
            entry("whitelist*", "remove it"),
            entry("if-*", CONDITION),
            entry("else", CONDITION),
            entry("for", CONDITION),
            entry("for-*", CONDITION),
            entry("end", CONDITION),
            entry("endif", CONDITION),
            entry("end-if", CONDITION),
            entry("endfor", CONDITION),
            entry("end-for", CONDITION));

    /// What is to be done about a key of uWSGI's.
    enum Verdict { WITHOUT_EFFECT, NOT_SUPPORTED, CONDITION }

    /// A key of uWSGI's.
    ///
    /// @param text   the reason or the advice
    /// @param inFull whether the name itself is in the table, and not only how it begins, which a variable may share
    record Known(Verdict verdict, String text, boolean inFull) {}

    private static final Map<String, Known> ALL = all();

    private UwsgiOptions() {}

    /// What is known about a key, if anything. A name in full counts more than a beginning, and a long beginning more
    /// than a short one.
    static Optional<Known> find(String key) {
        Known known = ALL.get(key);
        for (int length = key.length(); known == null && length > 0; length--) {
            known = ALL.get(key.substring(0, length) + "*");
        }
        return Optional.ofNullable(known);
    }

    /// All names that are known in full, in an order that is the same every time: of several that a misspelt one is
    /// near to the first is proposed.
    static List<String> names() {
        return ALL.keySet().stream().filter(name -> ALL.get(name).inFull()).sorted().toList();
    }

    private static Map<String, Known> all() {
        Map<String, Known> all = new LinkedHashMap<>();
        WITHOUT_MEANING.forEach((name, text) ->
                all.put(name, new Known(Verdict.WITHOUT_EFFECT, text, !name.endsWith("*"))));
        NOT_SUPPORTED.forEach((name, text) -> all.put(name, new Known(
                text.equals(CONDITION) ? Verdict.CONDITION : Verdict.NOT_SUPPORTED, text, !name.endsWith("*"))));
        return Map.copyOf(all);
    }

    @SafeVarargs
    private static Map<String, String> table(Map.Entry<String, String>... entries) {
        Map<String, String> table = new LinkedHashMap<>();
        for (Map.Entry<String, String> entry : entries) {
            if (table.put(entry.getKey(), entry.getValue()) != null) {
                throw new IllegalArgumentException("twice in the table: " + entry.getKey());
            }
        }
        return table;
    }
}
