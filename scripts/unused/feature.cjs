/** Every class that a module of a feature exports: registered by the client, it offers nothing and hears nothing. */
class UnusedFeature {
  fillClientCapabilities() {}
  initialize() {}
  getState() {
    return { kind: 'static' };
  }
  clear() {}
}

module.exports = new Proxy({}, { get: () => UnusedFeature });
