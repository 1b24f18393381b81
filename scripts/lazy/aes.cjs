module.exports = {
  get cbc() {
    return require('@noble/ciphers/aes.js').cbc;
  },
  get gcm() {
    return require('@noble/ciphers/aes.js').gcm;
  },
};
