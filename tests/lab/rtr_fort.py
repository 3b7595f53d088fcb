# SPDX-License-Identifier: BSD-2-Clause
"""FORT as a cache. It serves nothing before it has validated a repository, so here is the smallest one that it takes, made
with openssl in FORT's own store of what it has fetched: a trust anchor, its CRL, a manifest, one object an ASPA. VRPs and
router keys come from SLURM (RFC 8416), which has no ASPAs before version 2, and FORT 1.7 reads version 1.

    RFC 6487 certificates, RFC 9286 manifests, draft-ietf-sidrops-aspa-profile: version [0] 1, customer, providers
"""

import hashlib
import json
import os
import subprocess
import time

import rtr_lab as lab

REPOSITORY = "rsync://127.0.0.1/repo/"
MANIFEST, ASPA = "1.2.840.113549.1.9.16.1.26", "1.2.840.113549.1.9.16.1.49"
ANCHOR = """
[req]
distinguished_name = name
x509_extensions = anchor
prompt = no
[name]
CN = lab
[anchor]
subjectKeyIdentifier = hash
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
certificatePolicies = critical, 1.3.6.1.5.5.7.14.2
subjectInfoAccess = caRepository;URI:%(repository)s, 1.3.6.1.5.5.7.48.10;URI:%(repository)slab.mft
sbgp-ipAddrBlock = critical, IPv4:0.0.0.0/0, IPv6:::/0
sbgp-autonomousSysNum = critical, AS:0-4294967295
[ca]
default_ca = lab
[lab]
database = index
crlnumber = number
serial = serial
new_certs_dir = .
default_md = sha256
default_days = 2
default_crl_days = 2
crl_extensions = crl
policy = policy
unique_subject = no
[policy]
commonName = supplied
[crl]
authorityKeyIdentifier = keyid
"""
SIGNER = """
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
keyUsage = critical, digitalSignature
crlDistributionPoints = URI:%(repository)slab.crl
authorityInfoAccess = 1.3.6.1.5.5.7.48.2;URI:rsync://127.0.0.1/ta/ta.cer
subjectInfoAccess = 1.3.6.1.5.5.7.48.11;URI:%(repository)s%(name)s
certificatePolicies = critical, 1.3.6.1.5.5.7.14.2
%(resources)s
"""


class Repository:
    """Made in a folder of its own, for FORT's store."""

    def __init__(self, folder, store, aspas):
        self.folder, self.hashes = folder, {}
        repo, anchor = (os.path.join(store, "lab.tal/rsync/127.0.0.1", name) for name in ("repo", "ta"))
        for each in (folder, repo, anchor):
            os.makedirs(each)
        for name, text in (("cnf", ANCHOR % {"repository": REPOSITORY}), ("index", ""), ("number", "01"), ("serial", "02")):
            self.write(name, text)
        self.openssl("genrsa -out key 2048")
        self.openssl("genrsa -out signer 2048")
        self.openssl("req -x509 -new -key key -sha256 -days 2 -config cnf -out ta")
        self.openssl("x509 -in ta -outform DER -out %s/ta.cer" % anchor)
        self.openssl("ca -config cnf -gencrl -keyfile key -cert ta -out crl")
        self.openssl("crl -in crl -outform DER -out %s/lab.crl" % repo)
        self.listed(repo, "lab.crl")
        for customer, providers in sorted(aspas):
            name, items = "%d.asa" % customer, "".join("p%d = INTEGER:%d\n" % (at, asn) for at, asn in enumerate(sorted(providers)))
            der = "v = EXPLICIT:0, INTEGER:1\nc = INTEGER:%d\np = SEQUENCE:providers\n[providers]\n%s" % (customer, items)
            self.sign(repo, name, ASPA, der, "sbgp-autonomousSysNum = critical, AS:%d" % customer)
            self.listed(repo, name)
        self.sign(repo, "lab.mft", MANIFEST, self.manifest(), "sbgp-ipAddrBlock = critical, IPv4:inherit, IPv6:inherit\nsbgp-autonomousSysNum = critical, AS:inherit")
        key = self.openssl("rsa -in key -pubout -outform DER | openssl base64")
        self.tal = "rsync://127.0.0.1/ta/ta.cer\n\n" + key

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)

    def openssl(self, words):
        done = subprocess.run("openssl " + words, shell=True, cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError("openssl %s: %s" % (words, done.stderr))
        return done.stdout

    def listed(self, repo, name):
        with open(os.path.join(repo, name), "rb") as file:
            self.hashes[name] = hashlib.sha256(file.read()).hexdigest()

    def manifest(self):
        now = time.time()
        at = [time.strftime("%Y%m%d%H%M%SZ", time.gmtime(now + more)) for more in (-60, 86400)]
        head = "n = INTEGER:1\nt = GENERALIZEDTIME:%s\nx = GENERALIZEDTIME:%s\na = OID:2.16.840.1.101.3.4.2.1\nf = SEQUENCE:files\n" % tuple(at)
        names = sorted(self.hashes)
        head += "[files]\n" + "".join("f%d = SEQUENCE:file%d\n" % (i, i) for i in range(len(names)))
        return head + "".join("[file%d]\nn = IA5STRING:%s\nh = FORMAT:HEX, BITSTRING:%s\n" % (i, name, self.hashes[name]) for i, name in enumerate(names))

    def sign(self, repo, name, kind, der, resources):
        self.write("object", "asn1 = SEQUENCE:object\n[object]\n" + der)
        self.write("extensions", SIGNER % {"repository": REPOSITORY, "name": name, "resources": resources})
        self.openssl("asn1parse -genconf object -noout -out content")
        self.openssl("req -new -key signer -subj /CN=signer -out request")
        self.openssl("ca -batch -config cnf -keyfile key -cert ta -extfile extensions -in request -notext -out signed")
        options = "-binary -nodetach -nosmimecap -keyid -md sha256 -signer signed -inkey signer"
        self.openssl("cms -sign %s -econtent_type %s -in content -outform DER -out %s/%s" % (options, kind, repo, name))


def slurm(vrps, keys):
    """keys: (AS number, SKI and SubjectPublicKeyInfo in base64url)."""
    added = [{"prefix": prefix, "maxPrefixLength": maxlen, "asn": asn} for prefix, maxlen, asn in sorted(vrps)]
    routers = [{"asn": asn, "SKI": ski, "routerPublicKey": key} for asn, ski, key in keys]
    none = {"prefixFilters": [], "bgpsecFilters": []}
    return json.dumps({"slurmVersion": 1, "validationOutputFilters": none, "locallyAddedAssertions": {"prefixAssertions": added, "bgpsecAssertions": routers}})


def start(folder, root, port, vrps, keys, aspas):
    """folder is seen at the same path in root."""
    here = os.path.join(folder, "fort")
    store, tals = os.path.join(here, "store"), os.path.join(here, "tals")
    repository = Repository(os.path.join(here, "made"), store, aspas)
    os.makedirs(tals)
    # A store of another version is emptied.
    version = lab.run("chroot", root, "fort", "--version").split()[-1]
    for path, text in (("store/cache.json", json.dumps({"fort-version": version})), ("tals/lab.tal", repository.tal), ("lab.slurm", slurm(vrps, keys))):
        with open(os.path.join(here, path), "w") as file:
            file.write(text)
    words = ("fort", "--mode=server", "--tal=" + tals, "--local-repository=" + store, "--work-offline=true", "--slurm=" + here + "/lab.slurm")
    more = ("--server.address=127.0.0.1#%d" % port, "--server.max-rtr-version=2", "--log.output=console", "--validation-log.enabled=true")
    return lab.Process(folder, "fort", "chroot", root, *words, *more)
