"""The French messages, by their English templates. A test fails when one is missing or no longer used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .fr_business import BUSINESS
from .fr_inbox import INBOX
from .fr_payments import PAYMENTS
from .fr_webhooks import WEBHOOKS

__all__ = ["CATALOGUE", "SYSTEM_TEXTS"]

# The arguments are put into the French text in the same order.
CATALOGUE: Final[Mapping[str, str]] = {
    # Arguments of a call: what is wrong.
    "begins or ends with a space": "commence ou finit par une espace",
    "cannot be an e-mail address": "ne peut pas être une adresse électronique",
    "contains U+0000, which the API cannot store": "contient U+0000, que l'API ne peut pas enregistrer",
    "contains a control character": "contient un caractère de contrôle",
    "contains a lone surrogate, which is not text": "contient un demi-codet isolé, qui n'est pas du texte",
    "differs from reference": "diffère de reference",
    "does not contain what was sent": "ne contient pas ce qui a été envoyé",
    "has a fraction of the smallest unit": "a une fraction de la plus petite unité",
    "has a key that {}": "a une clé qui {}",
    "has more than {} decimals": "a plus de {} décimales",
    "contains nothing to change": "ne contient rien à modifier",
    "is NaN or infinite, which JSON cannot represent": "est NaN ou infini, ce que JSON ne peut pas représenter",
    "is None, but cannot be cleared": "vaut None, mais ne peut pas être effacé",
    "is a dot segment, which would reach another path": "est fait de points, ce qui atteindrait un autre chemin",
    "is beyond ±(2^53 − 1) and would be rounded": "dépasse ±(2^53 − 1) et serait arrondi",
    "is blank": "est vide",
    "is empty": "est vide",
    "is empty or contains other than printable ASCII": "est vide ou contient autre chose que de l'ASCII imprimable",
    "is in quotes": "est entre guillemets",
    "is longer than an e-mail address can be": "est plus long qu'une adresse électronique ne peut l'être",
    "is missing in the response": "manque dans la réponse",
    "is nested more than {} levels deep, or contains itself": (
        "est imbriqué à plus de {} niveaux, ou se contient lui-même"
    ),
    "is not a Path": "n'est pas un Path",
    "is not a boolean but {}": "n'est pas un booléen mais {}",
    "is not a decimal number": "n'est pas un nombre décimal",
    "is not a field of this operation": "n'est pas un champ de cette opération",
    "is not a mapping but {}": "n'est pas un dictionnaire mais {}",
    "is not a number of seconds from 0": "n'est pas un nombre de secondes à partir de 0",
    "is not a path of plain segments": "n'est pas un chemin de segments simples",
    "is not a positive number": "n'est pas un nombre positif",
    "is not a string but {}": "n'est pas une chaîne mais {}",
    "is not a whole number": "n'est pas un nombre entier",
    "is not a whole number but {}": "n'est pas un nombre entier mais {}",
    "is not an HTTP method that the API has": "n'est pas une méthode HTTP de l'API",
    "is not an ISO 4217 currency code": "n'est pas un code de devise ISO 4217",
    "comes from a client with another base_url or account": (
        "vient d'un client d'une autre base_url ou d'un autre account"
    ),
    "is not an error of a create of {}": "n'est pas une erreur d'une création de {}",
    "is not one of the values it can have": "n'est pas l'une des valeurs possibles",
    "is not three upper-case letters": "n'est pas fait de trois lettres majuscules",
    "is out of range": "est hors limites",
    "is required": "est obligatoire",
    "is {}, not {}": "est en {}, non en {}",
    "is {}, which JSON cannot represent": "est du type {}, que JSON ne peut pas représenter",
    # Arguments of a call: how to put it right.
    "at most {} characters": "{} caractères au plus",
    "at most {} in {}": "{} au plus en {}",
    "convert it, for instance with str()": "convertissez-le, par exemple avec str()",
    "convert one of them first": "convertissez d'abord l'un des deux",
    'decode it again with errors="replace"': 'décodez-le de nouveau avec errors="replace"',
    "did you mean {}?": "vouliez-vous dire {} ?",
    'did you mean "{}"?': 'vouliez-vous dire "{}" ?',
    'did you mean "{}"? one of {}': 'vouliez-vous dire "{}" ? l\'une de : {}',
    "flatten it": "aplatissez-le",
    "from {} to {}": "de {} à {}",
    "known are {}": "sont connus : {}",
    "leave it out": "omettez-le",
    "leave it out to keep it": "omettez-le pour le garder",
    "look at the fields of the object itself": "regardez les champs de l'objet lui-même",
    "one of {}": "l'une de : {}",
    "pass True or False": "passez True ou False",
    "pass a string": "passez une chaîne",
    "pass at least one of {}": "passez au moins l'un de : {}",
    "pass at least one visible character": "passez au moins un caractère visible",
    "pass it as a string": "passez-le comme chaîne",
    "pass minor units as an int, or use Money.from_decimal()": (
        "passez des unités entières (int), ou utilisez Money.from_decimal()"
    ),
    "pass one of the two": "passez l'un des deux",
    "pass {}": "passez {}",
    'pass {"name": value, …} or keywords': 'passez {"name": valeur, …} ou des arguments nommés',
    "remove it": "retirez-le",
    "strip it": "nettoyez-le",
    "strip it, perhaps a newline at the end": "nettoyez-le, peut-être d'un saut de ligne à la fin",
    "such as {}": "par exemple {}",
    "such as a UUID": "par exemple un UUID",
    "such as GET or POST": "par exemple GET ou POST",
    "such as XOF, EUR or USD": "par exemple XOF, EUR ou USD",
    'such as "XOF", "EUR" or "USD"': 'par exemple "XOF", "EUR" ou "USD"',
    'such as Decimal("10.50"), "10.50" or 10; not a float': (
        'par exemple Decimal("10.50"), "10.50" ou 10 ; pas un float'
    ),
    "use str keys": "utilisez des clés str",
    "pass the error that the create of {} raised": "passez l'erreur que la création de {} a levée",
    "reconcile with a client that is set up in the same way": "utilisez un client réglé de la même façon",
    "such as /customers/{id}, with the id as an argument of its own": (
        "par exemple /customers/{id}, l'identifiant étant un argument à part"
    ),
    # The configuration of the client.
    "no API key: set the environment variable LOMI_API_KEY, or pass api_key=; keys are on the dashboard and "
    "start with lomi_sk_test_ or lomi_sk_live_": (
        "pas de clé d'API : définissez la variable d'environnement LOMI_API_KEY, ou passez api_key= ; les "
        "clés sont sur le tableau de bord et commencent par lomi_sk_test_ ou lomi_sk_live_"
    ),
    "your key {} ({}): {}": "votre clé {} ({}) : {}",
    "copy it again, without anything around it": "copiez-la de nouveau, sans rien autour",
    "ends with a newline": "finit par un saut de ligne",
    "contains a character that is not ASCII": "contient un caractère qui n'est pas ASCII",
    "contains a newline": "contient un saut de ligne",
    "contains a space": "contient une espace",
    "{} is not a string but {}": "{} n'est pas une chaîne mais {}",
    "{} is a publishable key (lomi_pk_…): use the secret key, lomi_sk_…": (
        "{} est une clé publiable (lomi_pk_…) : utilisez la clé secrète, lomi_sk_…"
    ),
    'environment is neither "test" nor "live"': 'environment n\'est ni "test" ni "live"',
    'this is a {} key (lomi_sk_{}_…), but environment="{}": use a key that starts with lomi_sk_{}_, or leave '
    "environment out": (
        'ceci est une clé {} (lomi_sk_{}_…), mais environment="{}" : utilisez une clé qui commence par '
        "lomi_sk_{}_, ou omettez environment"
    ),
    "account {}: pass an id such as acct_…, or None for your own organisation": (
        "account {} : passez un identifiant comme acct_…, ou None pour votre propre organisation"
    ),
    "base_url contains a space, a control character or one that is not ASCII": (
        "base_url contient une espace, un caractère de contrôle ou un caractère qui n'est pas ASCII"
    ),
    "base_url is not a URL: pass something like {}": "base_url n'est pas une URL : passez par exemple {}",
    "base_url is not an https URL: pass something like {}": "base_url n'est pas une URL https : passez par exemple {}",
    "base_url contains user information: pass the key as api_key=, and no password": (
        "base_url contient un nom d'utilisateur : passez la clé par api_key=, et pas de mot de passe"
    ),
    "base_url contains a query or a fragment: leave it out": (
        "base_url contient une requête ou un fragment : omettez-le"
    ),
    "base_url is plain http, which would show your key to the network: use https (plain http is accepted for "
    "localhost only)": (
        "base_url est en http simple, qui montrerait votre clé au réseau : utilisez https (http simple n'est "
        "accepté que pour localhost)"
    ),
    "timeout is not a positive number of seconds; None means no limit": (
        "timeout n'est pas un nombre positif de secondes ; None veut dire sans limite"
    ),
    'language is neither "en" nor "fr"': 'language n\'est ni "en" ni "fr"',
    "max_retries is not a whole number from 0 to 100": "max_retries n'est pas un nombre entier de 0 à 100",
    "LOMI_LOG is neither debug nor info: set one of them, or unset it": (
        "LOMI_LOG n'est ni debug ni info : mettez l'un des deux, ou supprimez-la"
    ),
    "{} is not a function but {}": "{} n'est pas une fonction mais {}",
    "{} is a coroutine function, which no one would await: use def": (
        "{} est une fonction coroutine, que personne n'attendrait : utilisez def"
    ),
    "hooks is not lomi.Hooks but {}: pass Hooks(on_response=…)": (
        "hooks n'est pas lomi.Hooks mais {} : passez Hooks(on_response=…)"
    ),
    "the proxy in HTTPS_PROXY or ALL_PROXY is not an http, https or socks5 URL": (
        "le mandataire de HTTPS_PROXY ou ALL_PROXY n'est pas une URL http, https ou socks5"
    ),
    "the proxy in ALL_PROXY or HTTPS_PROXY is a SOCKS proxy: pip install socksio": (
        "le mandataire de ALL_PROXY ou HTTPS_PROXY est un mandataire SOCKS : pip install socksio"
    ),
    "the file in SSL_CERT_FILE contains no certificates that can be read": (
        "le fichier de SSL_CERT_FILE ne contient pas de certificats lisibles"
    ),
    "this client is closed: create another, or close it after the last call": (
        "ce client est fermé : créez-en un autre, ou fermez-le après le dernier appel"
    ),
    "the http_client of this client is closed: close it after the last call": (
        "le http_client de ce client est fermé : fermez-le après le dernier appel"
    ),
    # No usable response.
    "no connection in time": "pas de connexion à temps",
    "no connection was free in time": "aucune connexion ne s'est libérée à temps",
    "no response in time": "pas de réponse à temps",
    "the response was not complete in time": "la réponse n'était pas complète à temps",
    "TLS failed": "TLS a échoué",
    "TLS: {}": "TLS : {}",
    "the connection was lost": "la connexion a été perdue",
    "the host has no address": "l'hôte n'a pas d'adresse",
    "the host name did not resolve in time": "le nom d'hôte n'a pas été résolu à temps",
    "the host name {} does not resolve ({})": "le nom d'hôte {} ne se résout pas ({})",
    "cannot connect to {}:{}: {}": "impossible de se connecter à {}:{} : {}",
    "the request could not be sent in time": "la requête n'a pas pu être envoyée à temps",
    "the response cannot be decompressed": "la réponse ne peut pas être décompressée",
    "the response is in an encoding that was not requested": "la réponse est dans un encodage qui n'a pas été demandé",
    "the response is larger than {} MiB": "la réponse dépasse {} Mio",
    "the response does not belong to this request": "la réponse n'est pas celle de cette requête",
    "the response is too large": "la réponse est trop grande",
    "the compressed body of the response was cut short": "le corps compressé de la réponse est tronqué",
    "the body is not JSON": "le corps n'est pas du JSON",
    "{} redirect to {}, which is never followed: check base_url": (
        "redirection {} vers {}, qui n'est jamais suivie : vérifiez base_url"
    ),
    "{} redirect, which is never followed: check base_url": (
        "redirection {}, qui n'est jamais suivie : vérifiez base_url"
    ),
    "{} with a response that cannot be read: {} ({} bytes, {})": "{} et une réponse illisible : {} ({} octets, {})",
    "no content type": "sans type de contenu",
    "{}, with {} bytes of {}": "{}, avec {} octets de {}",
    "{}, with an empty body": "{}, avec un corps vide",
    "an error": "une erreur",
    # A create that is incomplete or in doubt.
    "the customer was created, but the API lost its metadata, and writing it again failed": (
        "le client a été créé, mais l'API a perdu ses metadata, et les récrire a échoué"
    ),
    "{} customers may be the one that was sent: see candidate_ids": (
        "{} clients peuvent être celui qui a été envoyé : voyez candidate_ids"
    ),
    "1 customer may be the one that was sent, but lacks the data to tell: see candidate_ids": (
        "1 client peut être celui qui a été envoyé, mais rien ne permet d'en décider : voyez candidate_ids"
    ),
    # The end of every message: the request.
    "request {}": "requête {}",
    "1 attempt": "1 tentative",
    "{} attempts": "{} tentatives",
    "it may have happened": "cela a pu se faire",
    "is not a list but {}": "n'est pas une liste mais {}",
    "is of a wrong type: {}": "est d'un type inattendu : {}",
    "has no time zone": "n'a pas de fuseau horaire",
    "is not a UUID": "n'est pas un UUID",
    "is not a datetime but {}": "n'est pas une date avec heure mais {}",
    "names card data, which must not be sent": "nomme des données de carte, qui ne doivent pas être envoyées",
    "look at the documentation of the method": "voyez la documentation de la méthode",
    "pass a list": "passez une liste",
    "pass a mapping": "passez un dictionnaire",
    "pass an int": "passez un int",
    "has a key that is not a string but {}": "a une clé qui n'est pas une chaîne mais {}",
    "such as amadou.ba@example.com": "par exemple amadou.ba@example.com",
    "such as datetime(2026, 1, 31, tzinfo=timezone.utc)": "par exemple datetime(2026, 1, 31, tzinfo=timezone.utc)",
    'such as {"internal_id": "USER_123"}': 'par exemple {"internal_id": "USER_123"}',
    # Options of the client that add to requests.
    'an api_key function needs environment="test" or environment="live"': (
        'une fonction api_key demande environment="test" ou environment="live"'
    ),
    "app_info contains other characters than letters, digits and any of !#$%&'*+.^_`|~-": (
        "app_info contient autre chose que des lettres, des chiffres et les caractères !#$%&'*+.^_`|~-"
    ),
    'app_info is not a name and a version, such as ("MyShop", "1.2")': (
        'app_info n\'est pas un nom et une version, par exemple ("MyShop", "1.2")'
    ),
    "both transport and http_client were passed: pass one of them": (
        "transport et http_client ont été passés tous deux : passez l'un des deux"
    ),
    "extra_headers cannot set {}, which the client sets itself": (
        "extra_headers ne peut pas définir {}, que le client définit lui-même"
    ),
    "extra_headers has a name that is no header name": "extra_headers a un nom qui n'est pas un nom d'en-tête",
    "extra_query has a name that is not text": "extra_query a un nom qui n'est pas du texte",
    "is a parameter of this operation": "est un paramètre de cette opération",
    "pass it there": "passez-le à cette opération",
    "the URL is neither http nor https": "l'URL n'est ni http ni https",
    "the SOCKS proxy sent something else than SOCKS5": "le proxy SOCKS a envoyé autre chose que du SOCKS5",
    "the api_key function did not return in time": "la fonction api_key n'a pas répondu à temps",
    "the api_key function raised {}": "la fonction api_key a levé {}",
    "the file in SSLKEYLOGFILE cannot be written, or that in SSL_CERT_FILE not be read": (
        "le fichier de SSLKEYLOGFILE ne peut pas être écrit, ou celui de SSL_CERT_FILE ne peut pas être lu"
    ),
    "the transport raised {}: {}": "le transport a levé {} : {}",
    "the value of {} in extra_headers is not printable ASCII text": (
        "la valeur de {} dans extra_headers n'est pas du texte ASCII imprimable"
    ),
    "the value of {} in extra_query is neither text nor a whole number": (
        "la valeur de {} dans extra_query n'est ni du texte ni un nombre entier"
    ),
    "{} is not a mapping but {}": "{} n'est pas un dictionnaire mais {}",
    "{} is not an {} but {}": "{} n'est pas un {} mais {}",
    "{} starts with neither lomi_sk_test_ nor lomi_sk_live_: check the key, "
    'or pass environment="test" or environment="live"': (
        "{} ne commence ni par lomi_sk_test_ ni par lomi_sk_live_ : vérifiez la clé, "
        'ou passez environment="test" ou environment="live"'
    ),
    **PAYMENTS,
    **BUSINESS,
    **INBOX,
    **WEBHOOKS,
}

# Frequent texts of the operating system and of OpenSSL. All others stay as they are.
SYSTEM_TEXTS: Final[Mapping[str, str]] = {
    "not a host name": "ce n'est pas un nom d'hôte",
    "Connection refused": "connexion refusée",
    "Connection reset by peer": "connexion coupée par l'autre côté",
    "Network is unreachable": "le réseau est injoignable",
    "Name or service not known": "nom inconnu",
    "Temporary failure in name resolution": "la résolution de noms ne répond pas pour le moment",
    "certificate has expired": "le certificat a expiré",
    "certificate is not yet valid": "le certificat n'est pas encore valable : vérifiez l'horloge",
    "self-signed certificate": "le certificat est signé par lui-même",
    "unable to get local issuer certificate": "le certificat vient d'une autorité inconnue",
}
