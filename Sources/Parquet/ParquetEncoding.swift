/// How values are laid out in a page (parquet.thrift, Encoding).
enum ParquetEncoding: Int32 {
    case plain = 0
    case plainDictionary = 2
    case runLength = 3
    case deltaBinaryPacked = 5
    case deltaLengthByteArray = 6
    case deltaByteArray = 7
    case runLengthDictionary = 8
}

/// Physical types (parquet.thrift, Type); those that are missing here are not read.
enum PhysicalType: Int32 {
    case boolean = 0
    case int64 = 2
    case byteArray = 6
    case fixedLengthByteArray = 7
}

/// How a page is compressed (parquet.thrift, CompressionCodec); those that are missing here are not read.
enum CompressionCodec: Int32 {
    case uncompressed = 0
    case gzip = 2
    case zstd = 6
}

/// What a page is (parquet.thrift, PageType).
enum PageType: Int32 {
    case data = 0
    case index = 1
    case dictionary = 2
    case dataV2 = 3
}

extension ParquetPrimitive {
    /// How it is stored.
    var physicalType: PhysicalType {
        switch self {
        case .int64, .timestampMicros, .timestampMillis: .int64
        case .boolean: .boolean
        case .string, .binary: .byteArray
        case .fixed, .uuid: .fixedLengthByteArray
        }
    }

    /// The length every value has, if it is the same for all byte strings of this type.
    var fixedLength: Int? {
        switch self {
        case .fixed(let length): length
        case .uuid: 16
        default: nil
        }
    }
}
