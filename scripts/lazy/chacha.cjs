module.exports = {
  get chacha20poly1305() {
    return require('@noble/ciphers/chacha.js').chacha20poly1305;
  },
};
