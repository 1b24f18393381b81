module.exports = {
  get cbc() {
    return require('@noble/ciphers/aes.js').cbc;
  },
  get ctr() {
    return require('@noble/ciphers/aes.js').ctr;
  },
  get gcm() {
    return require('@noble/ciphers/aes.js').gcm;
  },
};
