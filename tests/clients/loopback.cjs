// `node -r loopback.cjs`: listens on this machine alone, and reaches nothing beyond it.
const net = require("net");

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (first, ...rest) {
  if (typeof first === "object" && first !== null && "port" in first) {
    return listen.call(this, { ...first, host: "127.0.0.1" }, ...rest);
  }
  return listen.call(this, first, "127.0.0.1", ...rest.filter((each) => typeof each === "function"));
};

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  const host = options && typeof options === "object" ? options.host : args[1];
  if (options && !options.path && host && !["127.0.0.1", "localhost", "::1"].includes(host)) {
    console.error(`refused: ${host}`);
    process.nextTick(() => this.destroy(new Error(`refused: ${host}`)));
    return this;
  }
  return connect.apply(this, args);
};
