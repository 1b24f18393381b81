module.exports = {
  get AsnConvert() {
    return require('@peculiar/asn1-schema').AsnConvert;
  },
};
