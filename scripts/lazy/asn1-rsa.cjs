module.exports = {
  get RsaSaPssParams() {
    return require('@peculiar/asn1-rsa').RsaSaPssParams;
  },
};
