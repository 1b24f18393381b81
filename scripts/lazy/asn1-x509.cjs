module.exports = {
  get AlgorithmIdentifier() {
    return require('@peculiar/asn1-x509').AlgorithmIdentifier;
  },
  get Certificate() {
    return require('@peculiar/asn1-x509').Certificate;
  },
  get Name() {
    return require('@peculiar/asn1-x509').Name;
  },
  get SubjectAlternativeName() {
    return require('@peculiar/asn1-x509').SubjectAlternativeName;
  },
  get id_ce_subjectAltName() {
    return require('@peculiar/asn1-x509').id_ce_subjectAltName;
  },
};
