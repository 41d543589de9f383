import FoundationEssentials

/// Certificates as the command line names them.
enum Certificates {
    /// Understood by every command that talks to a coordinator.
    static let option = Usage.Option.value(
        "ca-file",
        "FILE",
        "Trust the certificate authorities in this file (SSL_CERT_FILE)"
    )

    /// The file of `--ca-file`; nil where none is named.
    static func authorities(
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) -> String? {
        guard let file = arguments.value("ca-file") else { return nil }
        let path = Files.absolute(file, from: shop.workingFolder)
        _ = try text(path, "ca-file", begins: "CERTIFICATE")
        return path
    }

    /// What `giga serve` proves its name with; nil without `--tls-cert` and `--tls-key`.
    static func identity(
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) -> ServeOptions.Identity? {
        let (certificate, key) = (arguments.value("tls-cert"), arguments.value("tls-key"))
        guard let certificate, let key else {
            guard certificate == nil, key == nil else {
                throw .usage(
                    "--tls-cert and --tls-key go together",
                    why: "only \(certificate == nil ? "--tls-key" : "--tls-cert") was given",
                    hint: "giga serve --tls-cert FILE --tls-key FILE"
                )
            }
            return nil
        }
        return ServeOptions.Identity(
            certificate: try text(
                Files.absolute(certificate, from: shop.workingFolder),
                "tls-cert",
                begins: "CERTIFICATE"
            ),
            key: try text(
                Files.absolute(key, from: shop.workingFolder),
                "tls-key",
                begins: "PRIVATE KEY"
            )
        )
    }

    private static func text(
        _ path: String,
        _ option: String,
        begins kind: String
    ) throws(CommandFault) -> String {
        guard let bytes = Files.read(path) else {
            throw CommandFault(
                .usage,
                "file.unreadable",
                what: "--\(option) is \(path), which cannot be read",
                why: "there is no such file, or this user may not read it",
                hint: "check the path"
            )
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.contains("-----BEGIN "), text.contains("\(kind)-----") else {
            throw CommandFault(
                .usage,
                "tls.not-pem",
                what: "--\(option) is \(path), which holds no \(kind.lowercased())",
                why: "a PEM file has a line -----BEGIN … \(kind)-----",
                hint: "openssl x509 -in FILE -out FILE.pem    converts one"
            )
        }
        return text
    }
}
