--
-- PostgreSQL database dump
--



SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: guanxi_keys; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA guanxi_keys;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: guanxi_keys; Type: TABLE; Schema: guanxi_keys; Owner: -
--

CREATE TABLE guanxi_keys.guanxi_keys (
    key_id text NOT NULL COLLATE pg_catalog."C",
    tenant text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    family text NOT NULL COLLATE pg_catalog."C",
    secret bytea,
    destroyed_at text COLLATE pg_catalog."C"
);


--
-- Name: guanxi_keys_meta; Type: TABLE; Schema: guanxi_keys; Owner: -
--

CREATE TABLE guanxi_keys.guanxi_keys_meta (
    tenant text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: guanxi_token_keys; Type: TABLE; Schema: guanxi_keys; Owner: -
--

CREATE TABLE guanxi_keys.guanxi_token_keys (
    tenant text NOT NULL COLLATE pg_catalog."C",
    secret bytea NOT NULL
);


--
-- Name: core_files; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.core_files (
    tenant text NOT NULL COLLATE pg_catalog."C",
    stream text NOT NULL COLLATE pg_catalog."C",
    account text NOT NULL COLLATE pg_catalog."C",
    party text NOT NULL COLLATE pg_catalog."C",
    name text COLLATE pg_catalog."C",
    source_channel text NOT NULL COLLATE pg_catalog."C",
    opened_on text COLLATE pg_catalog."C",
    closed_on text COLLATE pg_catalog."C",
    exit_reason text COLLATE pg_catalog."C"
);


--
-- Name: core_runs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.core_runs (
    tenant text NOT NULL COLLATE pg_catalog."C",
    stream text NOT NULL COLLATE pg_catalog."C",
    run text NOT NULL COLLATE pg_catalog."C",
    status text NOT NULL COLLATE pg_catalog."C",
    parameters text NOT NULL COLLATE pg_catalog."C",
    as_of text NOT NULL COLLATE pg_catalog."C",
    as_known text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    rule_sets text NOT NULL COLLATE pg_catalog."C",
    population bigint NOT NULL,
    digest text NOT NULL COLLATE pg_catalog."C",
    controls text NOT NULL COLLATE pg_catalog."C",
    counts text NOT NULL COLLATE pg_catalog."C",
    supersedes text COLLATE pg_catalog."C",
    begun text NOT NULL COLLATE pg_catalog."C",
    lines bigint NOT NULL,
    in_force_from text COLLATE pg_catalog."C",
    delivered bigint NOT NULL
);


--
-- Name: guanxi_claims; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.guanxi_claims (
    tenant text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    token text NOT NULL COLLATE pg_catalog."C",
    stream text NOT NULL COLLATE pg_catalog."C",
    policy text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: guanxi_commands; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.guanxi_commands (
    tenant text NOT NULL COLLATE pg_catalog."C",
    command_id text NOT NULL COLLATE pg_catalog."C",
    digest text NOT NULL COLLATE pg_catalog."C",
    stream text NOT NULL COLLATE pg_catalog."C",
    first_version bigint NOT NULL,
    last_version bigint NOT NULL
);


--
-- Name: guanxi_entries; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.guanxi_entries (
    tenant text NOT NULL COLLATE pg_catalog."C",
    stream text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    schema_version bigint NOT NULL,
    occurred_at text NOT NULL COLLATE pg_catalog."C",
    "precision" text NOT NULL COLLATE pg_catalog."C",
    effective_from text NOT NULL COLLATE pg_catalog."C",
    recorded_at text NOT NULL COLLATE pg_catalog."C",
    actor text NOT NULL COLLATE pg_catalog."C",
    on_behalf_of text COLLATE pg_catalog."C",
    reason text COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    section text COLLATE pg_catalog."C",
    source_system text COLLATE pg_catalog."C",
    source_document text COLLATE pg_catalog."C",
    source_line text COLLATE pg_catalog."C",
    batch text COLLATE pg_catalog."C",
    correlation text COLLATE pg_catalog."C",
    causation text COLLATE pg_catalog."C",
    command_id text COLLATE pg_catalog."C",
    place text COLLATE pg_catalog."C",
    late bigint NOT NULL,
    plugin text NOT NULL COLLATE pg_catalog."C",
    plugin_version text NOT NULL COLLATE pg_catalog."C",
    rule text COLLATE pg_catalog."C",
    rule_sets text COLLATE pg_catalog."C",
    target text COLLATE pg_catalog."C",
    replaces text COLLATE pg_catalog."C",
    succeeds text COLLATE pg_catalog."C",
    data_subject text COLLATE pg_catalog."C",
    payload text NOT NULL COLLATE pg_catalog."C",
    algorithms text NOT NULL COLLATE pg_catalog."C",
    previous_hash text NOT NULL COLLATE pg_catalog."C",
    hash text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL
);


--
-- Name: guanxi_entries_position_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.guanxi_entries_position_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: guanxi_entries_position_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.guanxi_entries_position_seq OWNED BY public.guanxi_entries."position";


--
-- Name: guanxi_heads; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.guanxi_heads (
    tenant text NOT NULL COLLATE pg_catalog."C",
    stream text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    hash text NOT NULL COLLATE pg_catalog."C",
    recorded_at text NOT NULL COLLATE pg_catalog."C",
    next_due text COLLATE pg_catalog."C",
    judged_by text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: guanxi_meta; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.guanxi_meta (
    tenant text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: guanxi_read_models; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.guanxi_read_models (
    tenant text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    "position" bigint NOT NULL,
    rebuilt_at text COLLATE pg_catalog."C",
    parked_at bigint,
    error text COLLATE pg_catalog."C"
);


--
-- Name: retail_customers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.retail_customers (
    tenant text NOT NULL COLLATE pg_catalog."C",
    stream text NOT NULL COLLATE pg_catalog."C",
    first_on text COLLATE pg_catalog."C",
    last_on text COLLATE pg_catalog."C",
    purchases bigint NOT NULL,
    quantity bigint NOT NULL,
    spent bigint NOT NULL,
    refunded bigint NOT NULL,
    currency text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: retail_points_month; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.retail_points_month (
    tenant text NOT NULL COLLATE pg_catalog."C",
    stream text NOT NULL COLLATE pg_catalog."C",
    month text NOT NULL COLLATE pg_catalog."C",
    earned bigint NOT NULL,
    activated bigint NOT NULL,
    restored bigint NOT NULL,
    adjusted bigint NOT NULL,
    redeemed bigint NOT NULL,
    expired bigint NOT NULL,
    clawed_back bigint NOT NULL,
    clawed_back_pending bigint NOT NULL
);


--
-- Name: retail_receipts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.retail_receipts (
    tenant text NOT NULL COLLATE pg_catalog."C",
    stream text NOT NULL COLLATE pg_catalog."C",
    receipt text NOT NULL COLLATE pg_catalog."C",
    day text COLLATE pg_catalog."C",
    paid bigint NOT NULL,
    refunded bigint NOT NULL,
    quantity bigint NOT NULL,
    currency text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: retail_rfm; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.retail_rfm (
    tenant text NOT NULL COLLATE pg_catalog."C",
    stream text NOT NULL COLLATE pg_catalog."C",
    member text NOT NULL COLLATE pg_catalog."C",
    cell text COLLATE pg_catalog."C",
    r bigint,
    f bigint,
    m bigint,
    recency bigint,
    frequency bigint,
    monetary bigint
);


--
-- Name: retail_spend_class; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.retail_spend_class (
    tenant text NOT NULL COLLATE pg_catalog."C",
    stream text NOT NULL COLLATE pg_catalog."C",
    member text NOT NULL COLLATE pg_catalog."C",
    spend_class text COLLATE pg_catalog."C",
    spend bigint
);


--
-- Name: guanxi_entries position; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.guanxi_entries ALTER COLUMN "position" SET DEFAULT nextval('public.guanxi_entries_position_seq'::regclass);


--
-- Data for Name: guanxi_keys; Type: TABLE DATA; Schema: guanxi_keys; Owner: -
--

INSERT INTO guanxi_keys.guanxi_keys VALUES
	('fe78fc82d3913e41', 'main', '01a201b93c5ae65de0bf20ac95fca669', 'identity', '\x81c4b4a7884a62e3c445e669e713622391411a22bb17dac697f90d996a938cb3176c1a941dc29b410b54758c1824bc02321a75de4e84ea306b97e618f11fc60c', NULL),
	('9ae2945a3cecf34f', 'main', '01a201b93c5ae65de0bf20ac95fca669', 'dealings', '\x0adbc520c386401bd338ffc230904be914182b426b67647dce5f394b5dd5d5f1e293118f61144760db7b122edd16fbb81e8f516fb490c7b24cff02e77b4d9b40', NULL),
	('38434f2a917b124a', 'main', '01a201b93c6af4e2f79f7184e335e535', 'identity', '\x59d102abc964347fb35a2ee823afc48f63df0a63202e3b9d1c0b57aac5f2466ae42cf9886061d1b7e82f2082eddbf8cbe83a2a2f77b878b65006b2c57517db95', NULL),
	('11b10ada82f06275', 'main', '01a201b93c6af4e2f79f7184e335e535', 'dealings', '\x64c1ebc4d3322c01390e40426bb951e63126b3c6188b5778505bb7fe4fa9a77ae8cdccca56d707de4b4a190471bd1e76c13ab02b2d9be345efc7a0b8bbf4fcf8', NULL),
	('e7c7c6835ef6e0df', 'main', '01a201b93c77b6541cb53cc6bf95f441', 'identity', '\x7c82c37b8e147afd851c0f287a2a61366927fef1e636976601c667e51a829c02704c551566a120e5c558e27af29c7733b3f8231c90a541b4de088409e0bdc4bd', NULL),
	('0bc44dd0df881fc1', 'main', '01a201b93c77b6541cb53cc6bf95f441', 'dealings', '\xf332630abe7ec23b3a4ad82b50dbc0596f5d03f01bc93406e03175d86ed49098d2d89f353648269a6c127e9f7a961c63e8b33eecaa89a0b87410443ec0db82f1', NULL),
	('0037645c172f86dc', 'main', '01a201b93c809439fcf453e33d2bcdff', 'identity', '\xd5763d8465ae68261709c0b9e6da35b9cda63fd2cd4e886288e7a9d61065f3277da45c2bad3690735888907ed2425b73ed4025971d1fed73fd4fbb020f5788e2', NULL),
	('715df5ad92f97014', 'main', '01a201b93c809439fcf453e33d2bcdff', 'dealings', '\xe25baf6ce49464a929f9530ca6c8897078d500ddbf243bb3fa448d4f923b03e3c64e8d125c5206b1bbf3f7bc275b2aca5f074a7401f4bd8c5cda495a5f9e7d37', NULL),
	('c06ef9a1952555f0', 'main', '01a201b93c8987f4a27c913088380c35', 'identity', '\x3fd628da0e2414f2852a43502dec7b46131c8841383ed3b885d5addefd173d41c83631a5edaf9a6eb17a0ce0b14007aa59165efd334b806c5fb52d9238a3b348', NULL),
	('edcdbe60e5ba90f8', 'main', '01a201b93c8987f4a27c913088380c35', 'dealings', '\x1fd1eb8de695b515dc3483cbbc676fc45e859886bd6bddeedd77c8758c906f51257929cb21e7f340fce14038cb6917b650f522f9ce7be98694e44781b64638f5', NULL),
	('35de540bd2258c87', 'main', '01a201b93c928e6c6015a95083c19b51', 'identity', '\xe3cc3bbd012ff2d3304c058b9358eda456b0526b2098489b63e383237f0812f3048af7b0dd2682597cfeb26d104c4ee9e5e5af58242e6e89bf5c371e2359f609', NULL),
	('c17503eeea9e8285', 'main', '01a201b93c928e6c6015a95083c19b51', 'dealings', '\xf7d361eaadaed5754ce801e6da40f46bfae20957556c2814d47f187a58253c4a47087a4bfe131e53b8567b954ee91e71a0e9695498d6778c2afd410bd8034c91', NULL),
	('760756bd3e752dbc', 'main', '01a201b93c9b4e6a582a01d4ef2e2093', 'identity', '\x4d5df2294ff62dbdb4654586b4c8904e7fdf17cff195953be63c74a58a6fdbfb96c959449eb35e467c9f7446740e8c7ae6310c3838ca17f01c7adfcd46485106', NULL),
	('556b48261928c451', 'main', '01a201b93c9b4e6a582a01d4ef2e2093', 'dealings', '\x7e0261737c3aa7b80e2f6efbf7822fd3795815664a2fba31cded43167b362c61ba0fddd63e545405f29cf4dc4a293328e41d4d29a3ad299dbb87361e6b9bf286', NULL),
	('99ba969cd6f7ce01', 'main', '01a201b93ca51545bd2d9a492cd06ab0', 'identity', '\x5d10ff9b2825b38529e0ce8a21ff304c20fc6ad15d9815007cc50736eee5be6d787f567e49b466a803c87535e452eb96581f2bc7544951d1a73457a759791f85', NULL),
	('9cc75a0481e15481', 'branch', '01a201b93eaa7fad6251c1bde77d86b9', 'identity', '\xf14ab4be53bc17acc49aaa391d7a74c9457c1508f315a75e34f945bd6053aaf034e8ab6b3e3a163ce43667c84dd9dd485e96cc778cb308ead6f153db245fdebf', NULL),
	('59b27a83c7c3f0e1', 'branch', '01a201b93eaa7fad6251c1bde77d86b9', 'dealings', '\x84c6d91c455db206faadbd424e1d2e12dad12b5305bd60955ebe5179d50d8580c74764dee6913b9d3a9ecb3177dae519357b29aa0ba66c2da180efc51d1ca053', NULL);


--
-- Data for Name: guanxi_keys_meta; Type: TABLE DATA; Schema: guanxi_keys; Owner: -
--

INSERT INTO guanxi_keys.guanxi_keys_meta VALUES
	('', 'schema_version', '1'),
	('', 'generation', '0');


--
-- Data for Name: guanxi_token_keys; Type: TABLE DATA; Schema: guanxi_keys; Owner: -
--

INSERT INTO guanxi_keys.guanxi_token_keys VALUES
	('main', '\xda781c6f59648f57205ee45287b31efbf0708ebeecb693fdc9aaded60cfe86c5faa8a70f8c313f28ee086c15759ab38c9ae6f7af659a94a162fd07ed11902c6e'),
	('branch', '\xcf599a891bbf146f628a8fe93a61f73bc0fa11b4b7a2ebc07caaec7df2c4025dad695f0dc6971d464906864a0721f00382a9c4fe3cb15788c65cf0e24670c280');


--
-- Data for Name: core_files; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.core_files VALUES
	('main', '01a201b93c809439fcf453e33d2bcdff', 'C-4', 'person', '~s1.0037645c172f86dc.iiKpHpyVE6VeDCj11j6VAlNX7hFiuT6Fda3R', 'store', '2012-01-05', NULL, NULL),
	('main', '01a201b93c8987f4a27c913088380c35', 'C-5', 'person', '~s1.c06ef9a1952555f0.7vDO1llAbNokRYC2TpGQCe-809dn7b0C', 'store', '2012-01-06', NULL, NULL),
	('main', '01a201b93c928e6c6015a95083c19b51', 'C-6', 'person', '~s1.35de540bd2258c87.wv0Fn_LwfJgm9uKQmXJmnwNzyghF18vY', 'store', '2012-01-07', NULL, NULL),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', 'C-7', 'person', '~s1.760756bd3e752dbc.tLeMz1bcurSPAh2kRqj9pu0xrdr0A7OT', 'store', '2012-01-08', NULL, NULL),
	('main', '01a201b93ca51545bd2d9a492cd06ab0', 'C-8', 'organisation', '~s1.99ba969cd6f7ce01.0BMLJdku_xR0uEQbxFNJJOpFCKh8SFP_S99T_sZD-3x9Vw45sNOI_9_B', 'unknown', '2012-01-08', NULL, NULL),
	('main', '01a201b93d8457757db24c2b3b2d2c00', 'D-101', 'person', NULL, 'import', '2012-05-02', NULL, NULL),
	('main', '01a201b93d8584ad1d7eae5495bd7539', 'D-103', 'person', NULL, 'import', '2012-07-19', NULL, NULL),
	('main', '01a201b93d85d936a91a34d30ab6cd77', 'D-102', 'person', NULL, 'import', '2012-05-02', NULL, NULL),
	('main', '01a201b93c5ae65de0bf20ac95fca669', 'C-1', 'person', '~s1.fe78fc82d3913e41.VRAyKdwIWt3872ZJehModLrCzydhs3Dy', 'store', '2012-01-02', NULL, NULL),
	('main', '01a201b93c6af4e2f79f7184e335e535', 'C-2', 'person', '~s1.38434f2a917b124a.2xjwBwWfrOiCWCHAAtJswCxqOsuiDSKC', 'store', '2012-01-03', NULL, NULL),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 'C-3', 'person', '~s1.e7c7c6835ef6e0df.8VF0f8lb5uaRyf8A7nR2e4BRJ6lswZ13', 'store', '2012-01-04', NULL, NULL),
	('branch', '01a201b93eaa7fad6251c1bde77d86b9', 'C-1', 'person', '~s1.9cc75a0481e15481.MOwIxB0ZcqK4UO0osWGeVXggvzqeGJ3F', 'unknown', '2012-09-02', NULL, NULL),
	('branch', '01a201b93eb735ea585f33917d3eeee4', 'C-2', 'person', NULL, 'unknown', '2012-09-03', NULL, NULL);


--
-- Data for Name: core_runs; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.core_runs VALUES
	('main', 'retail.spend_class-1', 'retail.spend_class', 'closed', '{"currency":null}', '2012-08-31T15:59:59.999999Z', '2012-09-01T02:00:00.000000Z', 117, '{"retail.spend_classes":0}', 10, 'd99416e943a51707dbc5b1b8697fa46e08a0244df6a9abdc6deb0c79718ebed1', '{"spend":"3801.45"}', '{"ordinary":1,"small":9}', NULL, '2012-09-01T02:00:00.000000Z', 10, '2012-09-01T02:00:00.000000Z', 0);


--
-- Data for Name: guanxi_claims; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.guanxi_claims VALUES
	('main', 'core.account', '6cc4434ccc79bfd89e859146fe7e2fe6ba6d99d5', '01a201b93c5ae65de0bf20ac95fca669', 'for_ever'),
	('main', 'core.account', 'c1bbfed0588fbaaa224983ad3298acbe486fe0d5', '01a201b93c6af4e2f79f7184e335e535', 'for_ever'),
	('main', 'core.account', '8a7fc020d5cc5a3e248e916f19d7f443a334069d', '01a201b93c77b6541cb53cc6bf95f441', 'for_ever'),
	('main', 'core.account', 'be25558bde89b097ea2ca2fbd7d082f42563d240', '01a201b93c809439fcf453e33d2bcdff', 'for_ever'),
	('main', 'core.account', '5866b0da40f66a3767edf8615612dcb8af5cccfc', '01a201b93c8987f4a27c913088380c35', 'for_ever'),
	('main', 'core.account', '00c6f2aef90dff8c45fd47a892f8ec4b3a989e3a', '01a201b93c928e6c6015a95083c19b51', 'for_ever'),
	('main', 'core.account', '224aa2078757b565597122b6ac0e49d2bc45b335', '01a201b93c9b4e6a582a01d4ef2e2093', 'for_ever'),
	('main', 'core.account', 'bfb6fb020fbd0d38798ec4411437cc051d4ab03c', '01a201b93ca51545bd2d9a492cd06ab0', 'for_ever'),
	('main', 'core.identifier.mobile', 'f23afbb2d43860545bc1637162032fa563818d8e', '01a201b93c5ae65de0bf20ac95fca669', 'advisory'),
	('main', 'core.identifier.email', 'fddc789a9ead27efc26bd30cf591ce3f81b24de2', '01a201b93c6af4e2f79f7184e335e535', 'advisory'),
	('main', 'core.account', 'de726b126b83081dbee5bb9c9dea73ea6cfb47fa', '01a201b93d8457757db24c2b3b2d2c00', 'for_ever'),
	('main', 'core.account', '701a6602696f2e7632def0f30ae10f191cd5a832', '01a201b93d85d936a91a34d30ab6cd77', 'for_ever'),
	('main', 'core.account', 'a39e780e5f78bcf5ad21786dcc4a906e7c4f295b', '01a201b93d8584ad1d7eae5495bd7539', 'for_ever'),
	('branch', 'core.account', '032d33c99b33bea99aba09147e35fcc3579b47a0', '01a201b93eaa7fad6251c1bde77d86b9', 'for_ever'),
	('branch', 'core.account', '72dcf1e9aa161fd283efd0a6849abdf9812b20ab', '01a201b93eb735ea585f33917d3eeee4', 'for_ever');


--
-- Data for Name: guanxi_commands; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.guanxi_commands VALUES
	('main', 'c:order-1-1', 'b56887fb2d1b05bccb97e1982648eaead0e70127', '01a201b93c5ae65de0bf20ac95fca669', 3, 5),
	('main', 'c:order-1-2', 'c5072895f20865ea92f672c5eff32c21f4ba9234', '01a201b93c5ae65de0bf20ac95fca669', 6, 8),
	('main', 'c:order-2-1', '3338c12a99cc6407a135f20827c513bd9d616e0d', '01a201b93c6af4e2f79f7184e335e535', 3, 5),
	('main', 'c:order-2-2', '539686d80d39b6faca54057dd54684ef484e7733', '01a201b93c6af4e2f79f7184e335e535', 6, 8),
	('main', 'c:order-2-3', 'fc72297fd41272a6646ef10dac9c02693e719b31', '01a201b93c6af4e2f79f7184e335e535', 9, 11),
	('main', 'c:order-3-1', '407fc4e9c10ba6977651258007087b8cfdde0573', '01a201b93c77b6541cb53cc6bf95f441', 2, 4),
	('main', 'c:order-3-2', '4621668a2d324e2720349fdf63a56924a939be51', '01a201b93c77b6541cb53cc6bf95f441', 5, 7),
	('main', 'c:order-3-3', '2af0c21706cb6506d0b56b260730351697e2d78f', '01a201b93c77b6541cb53cc6bf95f441', 8, 10),
	('main', 'c:order-3-4', 'f11da0c7db3441323c030eaf4f85a0518a30b88a', '01a201b93c77b6541cb53cc6bf95f441', 11, 13),
	('main', 'c:order-4-1', '51cbd7e73fa7500a77db41b008f5a1452a1181f8', '01a201b93c809439fcf453e33d2bcdff', 2, 4),
	('main', 'c:order-5-1', '877f04159216ae1e5866ec189f75de81e8775cf2', '01a201b93c8987f4a27c913088380c35', 2, 4),
	('main', 'c:order-5-2', 'ba1d2f4e59d0c84c45689340cc1c4fe9673d800f', '01a201b93c8987f4a27c913088380c35', 5, 7),
	('main', 'c:order-6-1', 'd18c58ee3532ce4c8f7a9c29f28ba8a8fe731c3a', '01a201b93c928e6c6015a95083c19b51', 2, 4),
	('main', 'c:order-6-2', 'a83d71829b24d11faa64c4b5b24bd9c8d28d917e', '01a201b93c928e6c6015a95083c19b51', 5, 7),
	('main', 'c:order-6-3', '1eeb0658dcaecfb6a79110c7336ffc03bc09936b', '01a201b93c928e6c6015a95083c19b51', 8, 10),
	('main', 'c:order-7-1', 'c5a3ae4d04edcffaf285182a2d3fdb8639fd1a9e', '01a201b93c9b4e6a582a01d4ef2e2093', 2, 4),
	('main', 'c:order-7-2', 'cab72469dd82ef73b227930a881c38e2f4b6f01f', '01a201b93c9b4e6a582a01d4ef2e2093', 5, 7),
	('main', 'c:order-7-3', '66dacba5e015eda0f1de966b02b737b27eb18aeb', '01a201b93c9b4e6a582a01d4ef2e2093', 8, 10),
	('main', 'c:order-7-4', '728b0fbefb635de63df1824c274f966de925c2ab', '01a201b93c9b4e6a582a01d4ef2e2093', 11, 13),
	('main', 's:05239f7fd73558336730db09c1974cb8d1fe69d7', '5ecad366ee05697a8aa7e47a2f4698f7620971c8', '01a201b93c8987f4a27c913088380c35', 9, 11),
	('main', 's:a285d4baa898b48a6586a4df94d5f68034184b1c', 'b178801398ef6c747b5c5c2aec4b8e6497dda4cf', '01a201b93d8457757db24c2b3b2d2c00', 2, 2),
	('main', 's:c83d589c53ec73cf721c62e4cce0a4f8103dd430', '40cd6bd23df1977d8b50c05444e38f6a796c86ea', '01a201b93d8457757db24c2b3b2d2c00', 5, 5),
	('main', 's:c4be704c810b0608cb9e65f241ed5fac6765ed16', '81a6ae261973beaa3e146268eda3e73d5e4a7e8c', '01a201b93d85d936a91a34d30ab6cd77', 2, 2),
	('main', 's:f9fb12706630a1121581818d94270bd25e5e36ea', '3a1beafe32e9967a73a79e410ae320a033ac7382', '01a201b93d85d936a91a34d30ab6cd77', 5, 5),
	('main', 's:b8e6e05414a8cd1244f5b28c9148e6867e4120fe', '04054845126faf037b84ccaca006602e9f16ee70', '01a201b93d8584ad1d7eae5495bd7539', 2, 2),
	('main', 'c:retail.spend_class-1 part 1', 'e2418cc3fee29e8901204a1e2cda08b0460ca979', 'retail.spend_class-1', 2, 2),
	('main', 'c:retail.spend_class-1 close', '9ee05a834b719924ddb0eafb1922c84969515b0f', 'retail.spend_class-1', 3, 3);


--
-- Data for Name: guanxi_entries; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.guanxi_entries VALUES
	('main', 'rules', 1, 'act', 'core.rule_set_published', 1, '2012-01-01T00:00:00.000000Z', 'instant', '2012-01-01T00:00:00.000000Z', '2012-01-01T00:00:00.000000Z', 'chen', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'rules/1', NULL, NULL, NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"approved_by":"zhao","parameters":{"clawback":"unlimited","months":5,"multipliers":{"cosmetics+vip+demonstration":"6","clothing+vip":"3.8"},"pending_days":0,"rate":"1","restored_grace_days":0,"several_multipliers":"highest"},"retroactive":"set-up","rule_set":"retail.points","version":1}', 'sha256 aes-siv-256 hmac-sha256', '', '24c698640a14b30ce5832d74d0733e40f1d08f4595fe7025da70aead36807566', 1),
	('main', '01a201b93c5ae65de0bf20ac95fca669', 1, 'fact', 'core.file_opened', 1, '2012-01-02T02:00:00.000000Z', 'instant', '2012-01-02T02:00:00.000000Z', '2012-01-02T02:00:00.000000Z', 'wang', NULL, '~s1.9ae2945a3cecf34f.LhreXCR2W1rRP9tVfU5IG0ThSqqvDuvq9nkznpkXNEb_F4Id', NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c5ae65de0bf20ac95fca669/1', NULL, NULL, NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, '01a201b93c5ae65de0bf20ac95fca669', '{"account":"C-1","party":"person","name":"~s1.fe78fc82d3913e41.iE_per2gPNy9Le2jki97Jz5isILvh071","source_channel":"store","opened_by":null}', 'sha256 aes-siv-256 hmac-sha256', '', 'a2938595da50ebe453ca069ae054e7aea06e8b198ae6d1aa7b1a048f1859aaad', 2),
	('main', '01a201b93c6af4e2f79f7184e335e535', 1, 'fact', 'core.file_opened', 1, '2012-01-03T02:00:00.000000Z', 'instant', '2012-01-03T02:00:00.000000Z', '2012-01-03T02:00:00.000000Z', 'wang', NULL, '~s1.11b10ada82f06275.HvU45rq5V1ql7SCf9OJ4dgUUvcWYlM7ZRO2EfvKjUQNBCo0t', NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c6af4e2f79f7184e335e535/1', NULL, NULL, NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, '01a201b93c6af4e2f79f7184e335e535', '{"account":"C-2","party":"person","name":"~s1.38434f2a917b124a.r_Uj0Fnjpu2ug-85izxNqP7G_0ZWK4CI","source_channel":"store","opened_by":null}', 'sha256 aes-siv-256 hmac-sha256', '', 'a6f9fb7bcd19f14f54d9bb0c161c02772851119c9057d348ee26158995cc249d', 3),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 1, 'fact', 'core.file_opened', 1, '2012-01-04T02:00:00.000000Z', 'instant', '2012-01-04T02:00:00.000000Z', '2012-01-04T02:00:00.000000Z', 'wang', NULL, '~s1.0bc44dd0df881fc1.7kYAR3IoPeWqwPUnY9vErgmxCxZYnrktAkdJJn-Khuc4dsid', NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c77b6541cb53cc6bf95f441/1', NULL, NULL, NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, '01a201b93c77b6541cb53cc6bf95f441', '{"account":"C-3","party":"person","name":"~s1.e7c7c6835ef6e0df.VsXNk0RarOxkpG8V970ahd2fyYt-wzUf","source_channel":"store","opened_by":null}', 'sha256 aes-siv-256 hmac-sha256', '', '00cd72a7eecc8b53e181ee478637724c9d858ca7dad7e6f3af4c6c4224b1ef81', 4),
	('main', '01a201b93c809439fcf453e33d2bcdff', 1, 'fact', 'core.file_opened', 1, '2012-01-05T02:00:00.000000Z', 'instant', '2012-01-05T02:00:00.000000Z', '2012-01-05T02:00:00.000000Z', 'wang', NULL, '~s1.715df5ad92f97014.XmYywGe2YKpuyJB8YpSQUiSJyYrygZt79l26sCy9P5B-OQ7l', NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c809439fcf453e33d2bcdff/1', NULL, NULL, NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, '01a201b93c809439fcf453e33d2bcdff', '{"account":"C-4","party":"person","name":"~s1.0037645c172f86dc.p0pdxfjNhRrJwTy6DK-o4ZWM-nt4PgBC","source_channel":"store","opened_by":null}', 'sha256 aes-siv-256 hmac-sha256', '', '20664d6226d993c7da69d3c6e1fd2c2cd8ed33e002197df8b9c490c574df3828', 5),
	('main', '01a201b93c8987f4a27c913088380c35', 1, 'fact', 'core.file_opened', 1, '2012-01-06T02:00:00.000000Z', 'instant', '2012-01-06T02:00:00.000000Z', '2012-01-06T02:00:00.000000Z', 'wang', NULL, '~s1.edcdbe60e5ba90f8.QpBQ2WKZLzHBZW868FbdpJFGocOFTy0eUD73nPc9N9o2BYcB', NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c8987f4a27c913088380c35/1', NULL, NULL, NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, '01a201b93c8987f4a27c913088380c35', '{"account":"C-5","party":"person","name":"~s1.c06ef9a1952555f0.I8NW3B_3hHtTEgIbUivyiIeHPHITFuKc","source_channel":"store","opened_by":null}', 'sha256 aes-siv-256 hmac-sha256', '', 'a694a5eded16f8ff8e248eb8b3b4cc607c39d5d9f4266c02d7a5bde40cc6fdaa', 6),
	('main', '01a201b93c928e6c6015a95083c19b51', 1, 'fact', 'core.file_opened', 1, '2012-01-07T02:00:00.000000Z', 'instant', '2012-01-07T02:00:00.000000Z', '2012-01-07T02:00:00.000000Z', 'wang', NULL, '~s1.c17503eeea9e8285.-bXj_oqbKsy-O5XIbb_O8tEipF-Cbh8KrzpNzXXZoOgKD0Zs', NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c928e6c6015a95083c19b51/1', NULL, NULL, NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, '01a201b93c928e6c6015a95083c19b51', '{"account":"C-6","party":"person","name":"~s1.35de540bd2258c87._Y_UiXa78d_vx24ZaWu7BqUMPEMyAKFz","source_channel":"store","opened_by":null}', 'sha256 aes-siv-256 hmac-sha256', '', '0cffb9ffb48a55aa22d4572c77403cd99a545838b3254e224e4f0a4f653c060c', 7),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', 1, 'fact', 'core.file_opened', 1, '2012-01-08T02:00:00.000000Z', 'instant', '2012-01-08T02:00:00.000000Z', '2012-01-08T02:00:00.000000Z', 'wang', NULL, '~s1.556b48261928c451.jZ0e2fH3jetWu4Q4JsQnZLZeLwAtLi4XE8Lh9-7zlCj8pkLB', NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c9b4e6a582a01d4ef2e2093/1', NULL, NULL, NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, '01a201b93c9b4e6a582a01d4ef2e2093', '{"account":"C-7","party":"person","name":"~s1.760756bd3e752dbc.CZrfsYWvgisbZt5cWyfinmV0B0NWhFEA","source_channel":"store","opened_by":null}', 'sha256 aes-siv-256 hmac-sha256', '', '80f951cd8e09136714d5df7c715c1036f146b38af9eec9014f46fcf047ce8171', 8),
	('main', '01a201b93ca51545bd2d9a492cd06ab0', 1, 'fact', 'core.file_opened', 1, '2012-01-08T02:00:00.000000Z', 'instant', '2012-01-08T02:00:00.000000Z', '2012-01-08T02:00:00.000000Z', 'wang', NULL, NULL, 'desk', NULL, NULL, NULL, NULL, NULL, '01a201b93ca51545bd2d9a492cd06ab0/1', NULL, NULL, NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, '01a201b93ca51545bd2d9a492cd06ab0', '{"account":"C-8","party":"organisation","name":"~s1.99ba969cd6f7ce01.Pjqo9YWQI9FAqpOSFUTOJ_Ph2rOYB5G2KXKkiR3XfKloqI8O5C-uhyy4","source_channel":"unknown","opened_by":null}', 'sha256 aes-siv-256 hmac-sha256', '', 'ba4abb0a0ed54350ebfcff7bc44e931610e09d2dec05f71b9c6b1b64f147a93a', 9),
	('main', '01a201b93c5ae65de0bf20ac95fca669', 2, 'fact', 'core.identifier_recorded', 1, '2012-01-08T02:00:00.000000Z', 'instant', '2012-01-08T02:00:00.000000Z', '2012-01-08T02:00:00.000000Z', 'wang', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c5ae65de0bf20ac95fca669/2', NULL, NULL, NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, '01a201b93c5ae65de0bf20ac95fca669', '{"scheme":"mobile","value":"~s1.fe78fc82d3913e41.7Cy4UmZ0DxqZZaRmA2uZt3n9HrZvam6Z3wV69xI=","issuer":null,"evidence":null}', 'sha256 aes-siv-256 hmac-sha256', 'a2938595da50ebe453ca069ae054e7aea06e8b198ae6d1aa7b1a048f1859aaad', 'bcd0ffc834cb3b5dff5e70f6cf1fe405ba7c487c164ff5f6a0876fa95eed2225', 10),
	('main', '01a201b93c6af4e2f79f7184e335e535', 2, 'fact', 'core.identifier_recorded', 1, '2012-01-08T02:00:00.000000Z', 'instant', '2012-01-08T02:00:00.000000Z', '2012-01-08T02:00:00.000000Z', 'wang', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c6af4e2f79f7184e335e535/2', NULL, NULL, NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, '01a201b93c6af4e2f79f7184e335e535', '{"scheme":"email","value":"~s1.38434f2a917b124a.TUf2l3Zyn8-qzu8aqrq49wt8WYOVzxnC7D4V5SPH3ujLjQ==","issuer":null,"evidence":null}', 'sha256 aes-siv-256 hmac-sha256', 'a6f9fb7bcd19f14f54d9bb0c161c02772851119c9057d348ee26158995cc249d', '81775b4243f69539b0c79febe23e48fe1d02f0e4f8d0c23018117b5143376b52', 11),
	('main', '01a201b93c5ae65de0bf20ac95fca669', 3, 'fact', 'retail.purchase_recorded', 1, '2012-02-04T02:00:00.000000Z', 'instant', '2012-02-04T02:00:00.000000Z', '2012-02-04T02:00:00.000000Z', 'wang', NULL, '~s1.9ae2945a3cecf34f.UU28Mc-pZyyhcN9gjwdCq76RkVdZFXXt', NULL, 'north', NULL, NULL, NULL, NULL, '01a201b93c5ae65de0bf20ac95fca669/3', NULL, 'order-1-1', NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":"books","conditions":[],"outlet":null,"paid":{"amount":"48.50","currency":"CNY"},"quantity":1,"receipt":"P-1-1"}', 'sha256 aes-siv-256 hmac-sha256', 'bcd0ffc834cb3b5dff5e70f6cf1fe405ba7c487c164ff5f6a0876fa95eed2225', '77d1f159752b7df7e446ad54a6eda08ad3882fdb4e92686d610ce35508b1766b', 12),
	('main', '01a201b93c5ae65de0bf20ac95fca669', 4, 'decision', 'retail.points_earned', 1, '2012-02-04T02:00:00.000000Z', 'instant', '2012-02-04T02:00:00.000000Z', '2012-02-04T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c5ae65de0bf20ac95fca669/3', '01a201b93c5ae65de0bf20ac95fca669/3', NULL, '3.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-02-04","base":"48.50","last_day":"2012-07-04","lot":"P-1-1","multiplier":"1","points":48,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', '77d1f159752b7df7e446ad54a6eda08ad3882fdb4e92686d610ce35508b1766b', '8eed14592fc90f5cdc01e622eb11aca073d0e808d16a0311aec5b727fc28ea38', 13),
	('main', '01a201b93c5ae65de0bf20ac95fca669', 5, 'decision', 'retail.points_activated', 1, '2012-02-04T02:00:00.000000Z', 'instant', '2012-02-04T02:00:00.000000Z', '2012-02-04T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c5ae65de0bf20ac95fca669/3', NULL, NULL, '3.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"P-1-1","points":48,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', '8eed14592fc90f5cdc01e622eb11aca073d0e808d16a0311aec5b727fc28ea38', '4611d3d82e02a84793edb6865575f023a61fc83ad38179894e365714e93436fa', 14),
	('main', '01a201b93c5ae65de0bf20ac95fca669', 6, 'fact', 'retail.purchase_recorded', 1, '2012-03-04T02:00:00.000000Z', 'instant', '2012-03-04T02:00:00.000000Z', '2012-03-04T02:00:00.000000Z', 'wang', NULL, '~s1.9ae2945a3cecf34f.Hmpo7_dG8fAVdkRzNa9YHGYiyXHtMxkQ', NULL, 'north', NULL, NULL, NULL, NULL, '01a201b93c5ae65de0bf20ac95fca669/6', NULL, 'order-1-2', NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":null,"conditions":[],"outlet":null,"paid":{"amount":"59.50","currency":"CNY"},"quantity":2,"receipt":"P-1-2"}', 'sha256 aes-siv-256 hmac-sha256', '4611d3d82e02a84793edb6865575f023a61fc83ad38179894e365714e93436fa', '596b2feea611c234d33c2c31505f940cb02c4fd994b7e50d0a21f443611947f0', 15),
	('main', '01a201b93c5ae65de0bf20ac95fca669', 7, 'decision', 'retail.points_earned', 1, '2012-03-04T02:00:00.000000Z', 'instant', '2012-03-04T02:00:00.000000Z', '2012-03-04T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c5ae65de0bf20ac95fca669/6', '01a201b93c5ae65de0bf20ac95fca669/6', NULL, '6.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-03-04","base":"59.50","last_day":"2012-08-04","lot":"P-1-2","multiplier":"1","points":59,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', '596b2feea611c234d33c2c31505f940cb02c4fd994b7e50d0a21f443611947f0', '66f9390b054502bb5190a1af37d8e9c48c76898a9dd91a15dbc92663092c7319', 16),
	('main', '01a201b93c5ae65de0bf20ac95fca669', 8, 'decision', 'retail.points_activated', 1, '2012-03-04T02:00:00.000000Z', 'instant', '2012-03-04T02:00:00.000000Z', '2012-03-04T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c5ae65de0bf20ac95fca669/6', NULL, NULL, '6.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"P-1-2","points":59,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', '66f9390b054502bb5190a1af37d8e9c48c76898a9dd91a15dbc92663092c7319', '858a07a90085cc069c4e542fd450ce63842a5d64476b8bc25b7f1620f3213814', 17),
	('main', '01a201b93c6af4e2f79f7184e335e535', 3, 'fact', 'retail.purchase_recorded', 1, '2012-02-05T02:00:00.000000Z', 'instant', '2012-02-05T02:00:00.000000Z', '2012-02-05T02:00:00.000000Z', 'wang', NULL, '~s1.11b10ada82f06275.aERjoQzxoTesKLiH5G84cpllDlOf-n0N', NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c6af4e2f79f7184e335e535/3', NULL, 'order-2-1', NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":"books","conditions":[],"outlet":null,"paid":{"amount":"85.50","currency":"CNY"},"quantity":1,"receipt":"P-2-1"}', 'sha256 aes-siv-256 hmac-sha256', '81775b4243f69539b0c79febe23e48fe1d02f0e4f8d0c23018117b5143376b52', '0e0cc5d6b5840817b039214f00fec43cdd731f7cace1eb3422ee85b0ef216045', 18),
	('main', '01a201b93c6af4e2f79f7184e335e535', 4, 'decision', 'retail.points_earned', 1, '2012-02-05T02:00:00.000000Z', 'instant', '2012-02-05T02:00:00.000000Z', '2012-02-05T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c6af4e2f79f7184e335e535/3', '01a201b93c6af4e2f79f7184e335e535/3', NULL, '3.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-02-05","base":"85.50","last_day":"2012-07-05","lot":"P-2-1","multiplier":"1","points":85,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', '0e0cc5d6b5840817b039214f00fec43cdd731f7cace1eb3422ee85b0ef216045', 'b019588f970270fc43fcef430f2d22a093b171424b4c1933862fceba52239b0a', 19),
	('main', '01a201b93c6af4e2f79f7184e335e535', 5, 'decision', 'retail.points_activated', 1, '2012-02-05T02:00:00.000000Z', 'instant', '2012-02-05T02:00:00.000000Z', '2012-02-05T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c6af4e2f79f7184e335e535/3', NULL, NULL, '3.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"P-2-1","points":85,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', 'b019588f970270fc43fcef430f2d22a093b171424b4c1933862fceba52239b0a', '1ad7419b48292522c0ac62ea6577c1e422735c930590a32f38eaad2178348944', 20),
	('main', '01a201b93c6af4e2f79f7184e335e535', 6, 'fact', 'retail.purchase_recorded', 1, '2012-03-05T02:00:00.000000Z', 'instant', '2012-03-05T02:00:00.000000Z', '2012-03-05T02:00:00.000000Z', 'wang', NULL, '~s1.11b10ada82f06275.ybNG1mBc6dbQsGZ9Y23MGMpCrrVwafa8', NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c6af4e2f79f7184e335e535/6', NULL, 'order-2-2', NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":null,"conditions":[],"outlet":null,"paid":{"amount":"96.50","currency":"CNY"},"quantity":2,"receipt":"P-2-2"}', 'sha256 aes-siv-256 hmac-sha256', '1ad7419b48292522c0ac62ea6577c1e422735c930590a32f38eaad2178348944', '0c62225fd990acac1c33adf6630d93f345ecc926f42efac6b495adb9fe963d9d', 21),
	('main', '01a201b93c6af4e2f79f7184e335e535', 7, 'decision', 'retail.points_earned', 1, '2012-03-05T02:00:00.000000Z', 'instant', '2012-03-05T02:00:00.000000Z', '2012-03-05T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c6af4e2f79f7184e335e535/6', '01a201b93c6af4e2f79f7184e335e535/6', NULL, '6.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-03-05","base":"96.50","last_day":"2012-08-05","lot":"P-2-2","multiplier":"1","points":96,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', '0c62225fd990acac1c33adf6630d93f345ecc926f42efac6b495adb9fe963d9d', '427c76f9a7375ccd5aba3d25c83761a0ac172c3e9ad2bef6dbf7195cc297ae50', 22),
	('main', '01a201b93c6af4e2f79f7184e335e535', 8, 'decision', 'retail.points_activated', 1, '2012-03-05T02:00:00.000000Z', 'instant', '2012-03-05T02:00:00.000000Z', '2012-03-05T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c6af4e2f79f7184e335e535/6', NULL, NULL, '6.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"P-2-2","points":96,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', '427c76f9a7375ccd5aba3d25c83761a0ac172c3e9ad2bef6dbf7195cc297ae50', 'c296c1c5c344dadbc4ec9749a233cf836bf82875ea3482a8a5a705f900a6d1d4', 23),
	('main', '01a201b93c6af4e2f79f7184e335e535', 9, 'fact', 'retail.purchase_recorded', 1, '2012-04-05T02:00:00.000000Z', 'instant', '2012-04-05T02:00:00.000000Z', '2012-04-05T02:00:00.000000Z', 'wang', NULL, '~s1.11b10ada82f06275.NDojs31lhQUWXeGqbOzpepay7B4S8boZ', NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c6af4e2f79f7184e335e535/9', NULL, 'order-2-3', NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":"books","conditions":[],"outlet":null,"paid":{"amount":"107.50","currency":"CNY"},"quantity":3,"receipt":"P-2-3"}', 'sha256 aes-siv-256 hmac-sha256', 'c296c1c5c344dadbc4ec9749a233cf836bf82875ea3482a8a5a705f900a6d1d4', '5dc18cd08bf23c839dbf9e88c84a152a6bd040a3e1c3a0d432dee9e0db6afd5a', 24),
	('main', '01a201b93c6af4e2f79f7184e335e535', 10, 'decision', 'retail.points_earned', 1, '2012-04-05T02:00:00.000000Z', 'instant', '2012-04-05T02:00:00.000000Z', '2012-04-05T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c6af4e2f79f7184e335e535/9', '01a201b93c6af4e2f79f7184e335e535/9', NULL, '9.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-04-05","base":"107.50","last_day":"2012-09-05","lot":"P-2-3","multiplier":"1","points":107,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', '5dc18cd08bf23c839dbf9e88c84a152a6bd040a3e1c3a0d432dee9e0db6afd5a', '4fa3cb2517e103921fe157575cf18578eff67605459c28655be97b1e79ddb8b3', 25),
	('main', '01a201b93c6af4e2f79f7184e335e535', 11, 'decision', 'retail.points_activated', 1, '2012-04-05T02:00:00.000000Z', 'instant', '2012-04-05T02:00:00.000000Z', '2012-04-05T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c6af4e2f79f7184e335e535/9', NULL, NULL, '9.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"P-2-3","points":107,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', '4fa3cb2517e103921fe157575cf18578eff67605459c28655be97b1e79ddb8b3', 'e3a4d637b7311c1aa6282478ee15acab3cdd40128fba4c1b05ad49d5658f3245', 26),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 2, 'fact', 'retail.purchase_recorded', 1, '2012-02-06T02:00:00.000000Z', 'instant', '2012-02-06T02:00:00.000000Z', '2012-02-06T02:00:00.000000Z', 'wang', NULL, '~s1.0bc44dd0df881fc1.BDjJlW8Jyc88NsQa924aU9vr1DORucrr', NULL, 'north', NULL, NULL, NULL, NULL, '01a201b93c77b6541cb53cc6bf95f441/2', NULL, 'order-3-1', NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":"books","conditions":[],"outlet":null,"paid":{"amount":"122.50","currency":"CNY"},"quantity":1,"receipt":"P-3-1"}', 'sha256 aes-siv-256 hmac-sha256', '00cd72a7eecc8b53e181ee478637724c9d858ca7dad7e6f3af4c6c4224b1ef81', 'd6c5ec73bc44f9bd12e4fb100b66ac2cadb2d7249b477058c996dc40c2589ed1', 27),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 3, 'decision', 'retail.points_earned', 1, '2012-02-06T02:00:00.000000Z', 'instant', '2012-02-06T02:00:00.000000Z', '2012-02-06T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c77b6541cb53cc6bf95f441/2', '01a201b93c77b6541cb53cc6bf95f441/2', NULL, '2.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-02-06","base":"122.50","last_day":"2012-07-06","lot":"P-3-1","multiplier":"1","points":122,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', 'd6c5ec73bc44f9bd12e4fb100b66ac2cadb2d7249b477058c996dc40c2589ed1', '9d1572309c92fa1901fe9962dc189dfe64d657a6a857b716cbd0f025359cb755', 28),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 4, 'decision', 'retail.points_activated', 1, '2012-02-06T02:00:00.000000Z', 'instant', '2012-02-06T02:00:00.000000Z', '2012-02-06T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c77b6541cb53cc6bf95f441/2', NULL, NULL, '2.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"P-3-1","points":122,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', '9d1572309c92fa1901fe9962dc189dfe64d657a6a857b716cbd0f025359cb755', 'a4800112b532ffce3dfd11bc559bf884848053d94d14dce687e1d420a2d9c7a5', 29),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 5, 'fact', 'retail.purchase_recorded', 1, '2012-03-06T02:00:00.000000Z', 'instant', '2012-03-06T02:00:00.000000Z', '2012-03-06T02:00:00.000000Z', 'wang', NULL, '~s1.0bc44dd0df881fc1.YlyFN6PgG7QUGK6MMHANSGedWKojin5d', NULL, 'north', NULL, NULL, NULL, NULL, '01a201b93c77b6541cb53cc6bf95f441/5', NULL, 'order-3-2', NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":null,"conditions":[],"outlet":null,"paid":{"amount":"133.50","currency":"CNY"},"quantity":2,"receipt":"P-3-2"}', 'sha256 aes-siv-256 hmac-sha256', 'a4800112b532ffce3dfd11bc559bf884848053d94d14dce687e1d420a2d9c7a5', 'a677d8c7546e10e4b3afe3ac724a7d12deee0fd3899ae1c8009929c64aed4617', 30),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 6, 'decision', 'retail.points_earned', 1, '2012-03-06T02:00:00.000000Z', 'instant', '2012-03-06T02:00:00.000000Z', '2012-03-06T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c77b6541cb53cc6bf95f441/5', '01a201b93c77b6541cb53cc6bf95f441/5', NULL, '5.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-03-06","base":"133.50","last_day":"2012-08-06","lot":"P-3-2","multiplier":"1","points":133,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', 'a677d8c7546e10e4b3afe3ac724a7d12deee0fd3899ae1c8009929c64aed4617', '16697600e76c2b25bdb05ef9b3c83cf7b9b2df2d4ae086d795b11923ff903c53', 31),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 7, 'decision', 'retail.points_activated', 1, '2012-03-06T02:00:00.000000Z', 'instant', '2012-03-06T02:00:00.000000Z', '2012-03-06T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c77b6541cb53cc6bf95f441/5', NULL, NULL, '5.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"P-3-2","points":133,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', '16697600e76c2b25bdb05ef9b3c83cf7b9b2df2d4ae086d795b11923ff903c53', 'fffa6aabd3def2e5fa419ada8819ce5fc32a36053b76b35ac9454502448a4719', 32),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 8, 'fact', 'retail.purchase_recorded', 1, '2012-04-06T02:00:00.000000Z', 'instant', '2012-04-06T02:00:00.000000Z', '2012-04-06T02:00:00.000000Z', 'wang', NULL, '~s1.0bc44dd0df881fc1.u0ZdlnvyqBZjglJkgyk6VzS2p48c1_Vq', NULL, 'north', NULL, NULL, NULL, NULL, '01a201b93c77b6541cb53cc6bf95f441/8', NULL, 'order-3-3', NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":"books","conditions":[],"outlet":null,"paid":{"amount":"144.50","currency":"CNY"},"quantity":3,"receipt":"P-3-3"}', 'sha256 aes-siv-256 hmac-sha256', 'fffa6aabd3def2e5fa419ada8819ce5fc32a36053b76b35ac9454502448a4719', 'a12d3bb5526fbec22402e2a9b1f2f36c92e9170042797d7e6a174de3f6f9722f', 33),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 9, 'decision', 'retail.points_earned', 1, '2012-04-06T02:00:00.000000Z', 'instant', '2012-04-06T02:00:00.000000Z', '2012-04-06T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c77b6541cb53cc6bf95f441/8', '01a201b93c77b6541cb53cc6bf95f441/8', NULL, '8.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-04-06","base":"144.50","last_day":"2012-09-06","lot":"P-3-3","multiplier":"1","points":144,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', 'a12d3bb5526fbec22402e2a9b1f2f36c92e9170042797d7e6a174de3f6f9722f', '9a0034ee25f4e9868e303583935dfc3398f0ad94c7b913b25d11dbcd99f5f83d', 34),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 10, 'decision', 'retail.points_activated', 1, '2012-04-06T02:00:00.000000Z', 'instant', '2012-04-06T02:00:00.000000Z', '2012-04-06T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c77b6541cb53cc6bf95f441/8', NULL, NULL, '8.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"P-3-3","points":144,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', '9a0034ee25f4e9868e303583935dfc3398f0ad94c7b913b25d11dbcd99f5f83d', 'c9bfb8b9bba35c6ebc6de76faa9e6791f85fb8a6ad2bf44aedf9df32add11e5c', 35),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 11, 'fact', 'retail.purchase_recorded', 1, '2012-05-06T02:00:00.000000Z', 'instant', '2012-05-06T02:00:00.000000Z', '2012-05-06T02:00:00.000000Z', 'wang', NULL, '~s1.0bc44dd0df881fc1.uXETOcNLG_R5vEoVvqMpN8zHeljnKWk6', NULL, 'north', NULL, NULL, NULL, NULL, '01a201b93c77b6541cb53cc6bf95f441/11', NULL, 'order-3-4', NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":null,"conditions":[],"outlet":null,"paid":{"amount":"155.50","currency":"CNY"},"quantity":4,"receipt":"P-3-4"}', 'sha256 aes-siv-256 hmac-sha256', 'c9bfb8b9bba35c6ebc6de76faa9e6791f85fb8a6ad2bf44aedf9df32add11e5c', '42646083050651b45f53fb6fa4f6187158e928b648958a6c502c510bef7edd9c', 36),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 12, 'decision', 'retail.points_earned', 1, '2012-05-06T02:00:00.000000Z', 'instant', '2012-05-06T02:00:00.000000Z', '2012-05-06T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c77b6541cb53cc6bf95f441/11', '01a201b93c77b6541cb53cc6bf95f441/11', NULL, '11.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-05-06","base":"155.50","last_day":"2012-10-06","lot":"P-3-4","multiplier":"1","points":155,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', '42646083050651b45f53fb6fa4f6187158e928b648958a6c502c510bef7edd9c', '85fdf45f9e67dd9307b08bfeaabd7cb34778c4284a2dd879aa4cb47bf7352f9e', 37),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 13, 'decision', 'retail.points_activated', 1, '2012-05-06T02:00:00.000000Z', 'instant', '2012-05-06T02:00:00.000000Z', '2012-05-06T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c77b6541cb53cc6bf95f441/11', NULL, NULL, '11.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"P-3-4","points":155,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', '85fdf45f9e67dd9307b08bfeaabd7cb34778c4284a2dd879aa4cb47bf7352f9e', '7ead1d4fc0c0b012b751f955b056c2228a75e08f6561cbc17b03ef4b318aae7d', 38),
	('main', '01a201b93c809439fcf453e33d2bcdff', 2, 'fact', 'retail.purchase_recorded', 1, '2012-02-07T02:00:00.000000Z', 'instant', '2012-02-07T02:00:00.000000Z', '2012-02-07T02:00:00.000000Z', 'wang', NULL, '~s1.715df5ad92f97014.ms-X7DD8j13JowJyI9MYnqTtddc4XwEt', NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c809439fcf453e33d2bcdff/2', NULL, 'order-4-1', NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":"books","conditions":[],"outlet":null,"paid":{"amount":"159.50","currency":"CNY"},"quantity":1,"receipt":"P-4-1"}', 'sha256 aes-siv-256 hmac-sha256', '20664d6226d993c7da69d3c6e1fd2c2cd8ed33e002197df8b9c490c574df3828', 'f8991d40451e093066eb89f05cb46f1817303cb3a51f14a3fa3fbaf52424fbf6', 39),
	('main', '01a201b93c809439fcf453e33d2bcdff', 3, 'decision', 'retail.points_earned', 1, '2012-02-07T02:00:00.000000Z', 'instant', '2012-02-07T02:00:00.000000Z', '2012-02-07T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c809439fcf453e33d2bcdff/2', '01a201b93c809439fcf453e33d2bcdff/2', NULL, '2.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-02-07","base":"159.50","last_day":"2012-07-07","lot":"P-4-1","multiplier":"1","points":159,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', 'f8991d40451e093066eb89f05cb46f1817303cb3a51f14a3fa3fbaf52424fbf6', 'ab97a201061e32f82513f3575e0ddd717e6dcc1f13165ff118d7fa213349a7e1', 40),
	('main', '01a201b93c809439fcf453e33d2bcdff', 4, 'decision', 'retail.points_activated', 1, '2012-02-07T02:00:00.000000Z', 'instant', '2012-02-07T02:00:00.000000Z', '2012-02-07T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c809439fcf453e33d2bcdff/2', NULL, NULL, '2.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"P-4-1","points":159,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', 'ab97a201061e32f82513f3575e0ddd717e6dcc1f13165ff118d7fa213349a7e1', 'd601e0f3003e645bf6e114993235fc05e7067c459534d2c9667e5d195705c637', 41),
	('main', '01a201b93c8987f4a27c913088380c35', 2, 'fact', 'retail.purchase_recorded', 1, '2012-02-08T02:00:00.000000Z', 'instant', '2012-02-08T02:00:00.000000Z', '2012-02-08T02:00:00.000000Z', 'wang', NULL, '~s1.edcdbe60e5ba90f8.ZmO6S1B7uXBnDhxJiT2sX-UC-Xl6hogm', NULL, 'north', NULL, NULL, NULL, NULL, '01a201b93c8987f4a27c913088380c35/2', NULL, 'order-5-1', NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":"books","conditions":[],"outlet":null,"paid":{"amount":"196.50","currency":"CNY"},"quantity":1,"receipt":"P-5-1"}', 'sha256 aes-siv-256 hmac-sha256', 'a694a5eded16f8ff8e248eb8b3b4cc607c39d5d9f4266c02d7a5bde40cc6fdaa', '83e770b4c54d2a09bbb0e976e165cd3c751e8e3e38d3dfce996ef427994d147e', 42),
	('main', '01a201b93c8987f4a27c913088380c35', 3, 'decision', 'retail.points_earned', 1, '2012-02-08T02:00:00.000000Z', 'instant', '2012-02-08T02:00:00.000000Z', '2012-02-08T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c8987f4a27c913088380c35/2', '01a201b93c8987f4a27c913088380c35/2', NULL, '2.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-02-08","base":"196.50","last_day":"2012-07-08","lot":"P-5-1","multiplier":"1","points":196,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', '83e770b4c54d2a09bbb0e976e165cd3c751e8e3e38d3dfce996ef427994d147e', '5e543506ea77ddee7c061902e701b5a742ccd93f392a7d299380048d5f73e5a5', 43),
	('main', '01a201b93c8987f4a27c913088380c35', 4, 'decision', 'retail.points_activated', 1, '2012-02-08T02:00:00.000000Z', 'instant', '2012-02-08T02:00:00.000000Z', '2012-02-08T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c8987f4a27c913088380c35/2', NULL, NULL, '2.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"P-5-1","points":196,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', '5e543506ea77ddee7c061902e701b5a742ccd93f392a7d299380048d5f73e5a5', '9568c1ddec2c61db910e9584ac6530679e5f2910461457692cec3d1642d17efe', 44),
	('main', '01a201b93c8987f4a27c913088380c35', 5, 'fact', 'retail.purchase_recorded', 1, '2012-03-08T02:00:00.000000Z', 'instant', '2012-03-08T02:00:00.000000Z', '2012-03-08T02:00:00.000000Z', 'wang', NULL, '~s1.edcdbe60e5ba90f8.Ja2qdlFadSmODHVmSV8sfP9Zcc5RkJAo', NULL, 'north', NULL, NULL, NULL, NULL, '01a201b93c8987f4a27c913088380c35/5', NULL, 'order-5-2', NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":null,"conditions":[],"outlet":null,"paid":{"amount":"207.50","currency":"CNY"},"quantity":2,"receipt":"P-5-2"}', 'sha256 aes-siv-256 hmac-sha256', '9568c1ddec2c61db910e9584ac6530679e5f2910461457692cec3d1642d17efe', '0766dd5aa9bd197bebc0957f6586cde39ffa5224bede8cc2690206cc865386e4', 45),
	('main', '01a201b93c8987f4a27c913088380c35', 6, 'decision', 'retail.points_earned', 1, '2012-03-08T02:00:00.000000Z', 'instant', '2012-03-08T02:00:00.000000Z', '2012-03-08T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c8987f4a27c913088380c35/5', '01a201b93c8987f4a27c913088380c35/5', NULL, '5.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-03-08","base":"207.50","last_day":"2012-08-08","lot":"P-5-2","multiplier":"1","points":207,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', '0766dd5aa9bd197bebc0957f6586cde39ffa5224bede8cc2690206cc865386e4', '743379b27bc8852e17fc3f5724218a07940db7a9f9a47783a463eb2c3da04d32', 46),
	('main', '01a201b93c8987f4a27c913088380c35', 7, 'decision', 'retail.points_activated', 1, '2012-03-08T02:00:00.000000Z', 'instant', '2012-03-08T02:00:00.000000Z', '2012-03-08T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c8987f4a27c913088380c35/5', NULL, NULL, '5.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"P-5-2","points":207,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', '743379b27bc8852e17fc3f5724218a07940db7a9f9a47783a463eb2c3da04d32', '1dc0574686dccb748e71c2aec083154a76002289240adb8081f03a8b19897b41', 47),
	('main', '01a201b93c928e6c6015a95083c19b51', 2, 'fact', 'retail.purchase_recorded', 1, '2012-02-09T02:00:00.000000Z', 'instant', '2012-02-09T02:00:00.000000Z', '2012-02-09T02:00:00.000000Z', 'wang', NULL, '~s1.c17503eeea9e8285.EtLQwlOrWc25KS_8JXBmT5nQZ58wysNU', NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c928e6c6015a95083c19b51/2', NULL, 'order-6-1', NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":"books","conditions":[],"outlet":null,"paid":{"amount":"233.50","currency":"CNY"},"quantity":1,"receipt":"P-6-1"}', 'sha256 aes-siv-256 hmac-sha256', '0cffb9ffb48a55aa22d4572c77403cd99a545838b3254e224e4f0a4f653c060c', 'fbc7da6cbdbd0f8125406d11c2c80f7ab91c0aa1109aae0e13a311eb5e3e8a0a', 48),
	('main', '01a201b93c928e6c6015a95083c19b51', 3, 'decision', 'retail.points_earned', 1, '2012-02-09T02:00:00.000000Z', 'instant', '2012-02-09T02:00:00.000000Z', '2012-02-09T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c928e6c6015a95083c19b51/2', '01a201b93c928e6c6015a95083c19b51/2', NULL, '2.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-02-09","base":"233.50","last_day":"2012-07-09","lot":"P-6-1","multiplier":"1","points":233,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', 'fbc7da6cbdbd0f8125406d11c2c80f7ab91c0aa1109aae0e13a311eb5e3e8a0a', 'e3cceb831cc394435b76cff6371c38e4c69e7776a40856d76aa2c931e72a8f9a', 49),
	('main', '01a201b93c928e6c6015a95083c19b51', 4, 'decision', 'retail.points_activated', 1, '2012-02-09T02:00:00.000000Z', 'instant', '2012-02-09T02:00:00.000000Z', '2012-02-09T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c928e6c6015a95083c19b51/2', NULL, NULL, '2.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"P-6-1","points":233,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', 'e3cceb831cc394435b76cff6371c38e4c69e7776a40856d76aa2c931e72a8f9a', 'c9fb9bd959d598da695572fabdd24b750917dac238c8960b9a6c9bc036d1ed2a', 50);
INSERT INTO public.guanxi_entries VALUES
	('main', '01a201b93c928e6c6015a95083c19b51', 5, 'fact', 'retail.purchase_recorded', 1, '2012-03-09T02:00:00.000000Z', 'instant', '2012-03-09T02:00:00.000000Z', '2012-03-09T02:00:00.000000Z', 'wang', NULL, '~s1.c17503eeea9e8285.y-dxxXzuzhy95b8GI6u_033xUwlns45M', NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c928e6c6015a95083c19b51/5', NULL, 'order-6-2', NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":null,"conditions":[],"outlet":null,"paid":{"amount":"244.50","currency":"CNY"},"quantity":2,"receipt":"P-6-2"}', 'sha256 aes-siv-256 hmac-sha256', 'c9fb9bd959d598da695572fabdd24b750917dac238c8960b9a6c9bc036d1ed2a', 'fe30f48f3c373e8e1de02bcdffc3b1903e2605898557a54ce0c4f492e4ca2e90', 51),
	('main', '01a201b93c928e6c6015a95083c19b51', 6, 'decision', 'retail.points_earned', 1, '2012-03-09T02:00:00.000000Z', 'instant', '2012-03-09T02:00:00.000000Z', '2012-03-09T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c928e6c6015a95083c19b51/5', '01a201b93c928e6c6015a95083c19b51/5', NULL, '5.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-03-09","base":"244.50","last_day":"2012-08-09","lot":"P-6-2","multiplier":"1","points":244,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', 'fe30f48f3c373e8e1de02bcdffc3b1903e2605898557a54ce0c4f492e4ca2e90', '7a1d31f43ca64cffe12799fbf489bdd7eb3d6f71392c278065c7c1d664571aec', 52),
	('main', '01a201b93c928e6c6015a95083c19b51', 7, 'decision', 'retail.points_activated', 1, '2012-03-09T02:00:00.000000Z', 'instant', '2012-03-09T02:00:00.000000Z', '2012-03-09T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c928e6c6015a95083c19b51/5', NULL, NULL, '5.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"P-6-2","points":244,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', '7a1d31f43ca64cffe12799fbf489bdd7eb3d6f71392c278065c7c1d664571aec', '24fcf808b514d41b7782b7701f20ea735853c6e534c1d81ffa641b710d590b2d', 53),
	('main', '01a201b93c928e6c6015a95083c19b51', 8, 'fact', 'retail.purchase_recorded', 1, '2012-04-09T02:00:00.000000Z', 'instant', '2012-04-09T02:00:00.000000Z', '2012-04-09T02:00:00.000000Z', 'wang', NULL, '~s1.c17503eeea9e8285.rfcweMRYLJlsOEnJQ5krZNEJd042M4zq', NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c928e6c6015a95083c19b51/8', NULL, 'order-6-3', NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":"books","conditions":[],"outlet":null,"paid":{"amount":"255.50","currency":"CNY"},"quantity":3,"receipt":"P-6-3"}', 'sha256 aes-siv-256 hmac-sha256', '24fcf808b514d41b7782b7701f20ea735853c6e534c1d81ffa641b710d590b2d', '7e056f0823c016951e75cbc8e304776df7c059b39e3f07ceaa500fbcb42a1016', 54),
	('main', '01a201b93c928e6c6015a95083c19b51', 9, 'decision', 'retail.points_earned', 1, '2012-04-09T02:00:00.000000Z', 'instant', '2012-04-09T02:00:00.000000Z', '2012-04-09T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c928e6c6015a95083c19b51/8', '01a201b93c928e6c6015a95083c19b51/8', NULL, '8.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-04-09","base":"255.50","last_day":"2012-09-09","lot":"P-6-3","multiplier":"1","points":255,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', '7e056f0823c016951e75cbc8e304776df7c059b39e3f07ceaa500fbcb42a1016', '904ecc8610a39953d40689819bcd65902fb01db5398f28ac60f6d57fd10c43ef', 55),
	('main', '01a201b93c928e6c6015a95083c19b51', 10, 'decision', 'retail.points_activated', 1, '2012-04-09T02:00:00.000000Z', 'instant', '2012-04-09T02:00:00.000000Z', '2012-04-09T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c928e6c6015a95083c19b51/8', NULL, NULL, '8.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"P-6-3","points":255,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', '904ecc8610a39953d40689819bcd65902fb01db5398f28ac60f6d57fd10c43ef', 'c1f6284a7e1ed8a1782469e7e4a850c8eeeeabab95019b901e65803e7091a6a1', 56),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', 2, 'fact', 'retail.purchase_recorded', 1, '2012-02-10T02:00:00.000000Z', 'instant', '2012-02-10T02:00:00.000000Z', '2012-02-10T02:00:00.000000Z', 'wang', NULL, '~s1.556b48261928c451.oPSey6bV3L8xBZjvHjeu1J2y703fJ721', NULL, 'north', NULL, NULL, NULL, NULL, '01a201b93c9b4e6a582a01d4ef2e2093/2', NULL, 'order-7-1', NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":"books","conditions":[],"outlet":null,"paid":{"amount":"270.50","currency":"CNY"},"quantity":1,"receipt":"P-7-1"}', 'sha256 aes-siv-256 hmac-sha256', '80f951cd8e09136714d5df7c715c1036f146b38af9eec9014f46fcf047ce8171', '65bd538c6877e1bb71d39193bc08d55cc9c85744f85a5d4c7d394bd4b1cf4b08', 57),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', 3, 'decision', 'retail.points_earned', 1, '2012-02-10T02:00:00.000000Z', 'instant', '2012-02-10T02:00:00.000000Z', '2012-02-10T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c9b4e6a582a01d4ef2e2093/2', '01a201b93c9b4e6a582a01d4ef2e2093/2', NULL, '2.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-02-10","base":"270.50","last_day":"2012-07-10","lot":"P-7-1","multiplier":"1","points":270,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', '65bd538c6877e1bb71d39193bc08d55cc9c85744f85a5d4c7d394bd4b1cf4b08', '04e1d633af933845b54d5977bac53a6fcd11ff7b53758d9b19028fa1952e4aad', 58),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', 4, 'decision', 'retail.points_activated', 1, '2012-02-10T02:00:00.000000Z', 'instant', '2012-02-10T02:00:00.000000Z', '2012-02-10T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c9b4e6a582a01d4ef2e2093/2', NULL, NULL, '2.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"P-7-1","points":270,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', '04e1d633af933845b54d5977bac53a6fcd11ff7b53758d9b19028fa1952e4aad', '40e99f01630fbf79ee6a4f4eded316d5c500fb5eaa09c5092b1c5aa691f852df', 59),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', 5, 'fact', 'retail.purchase_recorded', 1, '2012-03-10T02:00:00.000000Z', 'instant', '2012-03-10T02:00:00.000000Z', '2012-03-10T02:00:00.000000Z', 'wang', NULL, '~s1.556b48261928c451.p2tmM95JhiZp1YYAAaI81IdYDhVlvERC', NULL, 'north', NULL, NULL, NULL, NULL, '01a201b93c9b4e6a582a01d4ef2e2093/5', NULL, 'order-7-2', NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":null,"conditions":[],"outlet":null,"paid":{"amount":"281.50","currency":"CNY"},"quantity":2,"receipt":"P-7-2"}', 'sha256 aes-siv-256 hmac-sha256', '40e99f01630fbf79ee6a4f4eded316d5c500fb5eaa09c5092b1c5aa691f852df', '3fc25fa6f161e42ffe5f349054aebc248649eaa9d82a3866bd1bc6445c9c2220', 60),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', 6, 'decision', 'retail.points_earned', 1, '2012-03-10T02:00:00.000000Z', 'instant', '2012-03-10T02:00:00.000000Z', '2012-03-10T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c9b4e6a582a01d4ef2e2093/5', '01a201b93c9b4e6a582a01d4ef2e2093/5', NULL, '5.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-03-10","base":"281.50","last_day":"2012-08-10","lot":"P-7-2","multiplier":"1","points":281,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', '3fc25fa6f161e42ffe5f349054aebc248649eaa9d82a3866bd1bc6445c9c2220', 'bad51be832c635a5c5265853780ded752159eae9b7b2ddb285911eeb531cba18', 61),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', 7, 'decision', 'retail.points_activated', 1, '2012-03-10T02:00:00.000000Z', 'instant', '2012-03-10T02:00:00.000000Z', '2012-03-10T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c9b4e6a582a01d4ef2e2093/5', NULL, NULL, '5.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"P-7-2","points":281,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', 'bad51be832c635a5c5265853780ded752159eae9b7b2ddb285911eeb531cba18', '375688ca9522e274c94d82745baeff13c159fc26df9cb3b8058a6441514c3615', 62),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', 8, 'fact', 'retail.purchase_recorded', 1, '2012-04-10T02:00:00.000000Z', 'instant', '2012-04-10T02:00:00.000000Z', '2012-04-10T02:00:00.000000Z', 'wang', NULL, '~s1.556b48261928c451.e1p1aQqZzM5CRPJgL1X9KS1ELOXGkiGe', NULL, 'north', NULL, NULL, NULL, NULL, '01a201b93c9b4e6a582a01d4ef2e2093/8', NULL, 'order-7-3', NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":"books","conditions":[],"outlet":null,"paid":{"amount":"292.50","currency":"CNY"},"quantity":3,"receipt":"P-7-3"}', 'sha256 aes-siv-256 hmac-sha256', '375688ca9522e274c94d82745baeff13c159fc26df9cb3b8058a6441514c3615', '3b829c8372ac121dfdd53cbdd12d23abf139e47c002cc1119bb63e430ea513a3', 63),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', 9, 'decision', 'retail.points_earned', 1, '2012-04-10T02:00:00.000000Z', 'instant', '2012-04-10T02:00:00.000000Z', '2012-04-10T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c9b4e6a582a01d4ef2e2093/8', '01a201b93c9b4e6a582a01d4ef2e2093/8', NULL, '8.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-04-10","base":"292.50","last_day":"2012-09-10","lot":"P-7-3","multiplier":"1","points":292,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', '3b829c8372ac121dfdd53cbdd12d23abf139e47c002cc1119bb63e430ea513a3', '79395f25c91ef300cfc59e63a4e7f51b2f2a81e0ca02f4c2caa05ad7a4a07f38', 64),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', 10, 'decision', 'retail.points_activated', 1, '2012-04-10T02:00:00.000000Z', 'instant', '2012-04-10T02:00:00.000000Z', '2012-04-10T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c9b4e6a582a01d4ef2e2093/8', NULL, NULL, '8.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"P-7-3","points":292,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', '79395f25c91ef300cfc59e63a4e7f51b2f2a81e0ca02f4c2caa05ad7a4a07f38', '3e56db1dc97a53656ac740ec1bd928378ae8ff08ad3e801dd4440c2ab99817a4', 65),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', 11, 'fact', 'retail.purchase_recorded', 1, '2012-05-10T02:00:00.000000Z', 'instant', '2012-05-10T02:00:00.000000Z', '2012-05-10T02:00:00.000000Z', 'wang', NULL, '~s1.556b48261928c451.tKb023EnCwmWodmeOxNeGFd2Icznx7jQ', NULL, 'north', NULL, NULL, NULL, NULL, '01a201b93c9b4e6a582a01d4ef2e2093/11', NULL, 'order-7-4', NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":null,"conditions":[],"outlet":null,"paid":{"amount":"303.50","currency":"CNY"},"quantity":4,"receipt":"P-7-4"}', 'sha256 aes-siv-256 hmac-sha256', '3e56db1dc97a53656ac740ec1bd928378ae8ff08ad3e801dd4440c2ab99817a4', 'cb443e212388e686e285d0377d8dd77750c855d32aa6b7923c88dcfeee2d2353', 66),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', 12, 'decision', 'retail.points_earned', 1, '2012-05-10T02:00:00.000000Z', 'instant', '2012-05-10T02:00:00.000000Z', '2012-05-10T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c9b4e6a582a01d4ef2e2093/11', '01a201b93c9b4e6a582a01d4ef2e2093/11', NULL, '11.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-05-10","base":"303.50","last_day":"2012-10-10","lot":"P-7-4","multiplier":"1","points":303,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', 'cb443e212388e686e285d0377d8dd77750c855d32aa6b7923c88dcfeee2d2353', '23cf170982457d622d472b6aaec5a7ebd4e7fa5b325aa89bcebd1f9054568036', 67),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', 13, 'decision', 'retail.points_activated', 1, '2012-05-10T02:00:00.000000Z', 'instant', '2012-05-10T02:00:00.000000Z', '2012-05-10T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c9b4e6a582a01d4ef2e2093/11', NULL, NULL, '11.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"P-7-4","points":303,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', '23cf170982457d622d472b6aaec5a7ebd4e7fa5b325aa89bcebd1f9054568036', '1ab0a9ee999307001e1126d4d579c2505953e0083eab0334ed0283c9eed2c96d', 68),
	('main', '01a201b93c5ae65de0bf20ac95fca669', 9, 'fact', 'retail.purchase_recorded', 1, '2012-05-20T03:00:00.000000Z', 'instant', '2012-05-20T03:00:00.000000Z', '2012-05-20T03:00:00.000000Z', 'wang', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c5ae65de0bf20ac95fca669/9', NULL, NULL, NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":null,"conditions":[],"outlet":null,"paid":{"amount":"30","currency":"CNY"},"quantity":1,"receipt":"twice"}', 'sha256 aes-siv-256 hmac-sha256', '858a07a90085cc069c4e542fd450ce63842a5d64476b8bc25b7f1620f3213814', 'bc81d293707d4862d39daf908481e0a1dccfc1b0ab863707d2742633105e8a94', 69),
	('main', '01a201b93c5ae65de0bf20ac95fca669', 10, 'decision', 'retail.points_earned', 1, '2012-05-20T03:00:00.000000Z', 'instant', '2012-05-20T03:00:00.000000Z', '2012-05-20T03:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c5ae65de0bf20ac95fca669/9', '01a201b93c5ae65de0bf20ac95fca669/9', NULL, '9.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-05-20","base":"30","last_day":"2012-10-20","lot":"twice","multiplier":"1","points":30,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', 'bc81d293707d4862d39daf908481e0a1dccfc1b0ab863707d2742633105e8a94', 'ef966bbfbfb4a9995f48213591e7a3fd95149b94e62b5e51ed7733b58711f48e', 70),
	('main', '01a201b93c5ae65de0bf20ac95fca669', 11, 'decision', 'retail.points_activated', 1, '2012-05-20T03:00:00.000000Z', 'instant', '2012-05-20T03:00:00.000000Z', '2012-05-20T03:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c5ae65de0bf20ac95fca669/9', NULL, NULL, '9.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"twice","points":30,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', 'ef966bbfbfb4a9995f48213591e7a3fd95149b94e62b5e51ed7733b58711f48e', 'd9ebdb3b63e2ef3d2c072ee3debb6ab256ac43b449625798c52e52f0a3447bbc', 71),
	('main', '01a201b93c5ae65de0bf20ac95fca669', 12, 'act', 'core.entry_voided', 1, '2012-05-21T03:00:00.000000Z', 'instant', '2012-05-21T03:00:00.000000Z', '2012-05-21T03:00:00.000000Z', 'li', NULL, '~s1.9ae2945a3cecf34f.IjXIPFaK-yz7BhLrOinOkR_DAHXB3Ma3cO4Msm36KQ==', NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c5ae65de0bf20ac95fca669/12', NULL, NULL, NULL, 1, 'core', '0.1.0', NULL, NULL, '01a201b93c5ae65de0bf20ac95fca669/9', NULL, NULL, NULL, '{"belongs_to":null,"target_name":"retail.purchase_recorded"}', 'sha256 aes-siv-256 hmac-sha256', 'd9ebdb3b63e2ef3d2c072ee3debb6ab256ac43b449625798c52e52f0a3447bbc', 'ec1529c066a154e39a2c7074296157bfcaa936def44aa8e7b738af7dba40dce3', 72),
	('main', '01a201b93c5ae65de0bf20ac95fca669', 13, 'decision', 'core.decision_withdrawn', 1, '2012-05-20T03:00:00.000000Z', 'instant', '2012-05-20T03:00:00.000000Z', '2012-05-21T03:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c5ae65de0bf20ac95fca669/12', NULL, NULL, '9.1', 1, 'core', '0.1.0', NULL, NULL, NULL, '01a201b93c5ae65de0bf20ac95fca669/10', NULL, NULL, '{"decision":"01a201b93c5ae65de0bf20ac95fca669/10"}', 'sha256 aes-siv-256 hmac-sha256', 'ec1529c066a154e39a2c7074296157bfcaa936def44aa8e7b738af7dba40dce3', 'a8d22959b2aa698b6aa12e96c3926986258bdab40a71632a37c770022abeee37', 73),
	('main', '01a201b93c5ae65de0bf20ac95fca669', 14, 'decision', 'core.decision_withdrawn', 1, '2012-05-20T03:00:00.000000Z', 'instant', '2012-05-20T03:00:00.000000Z', '2012-05-21T03:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c5ae65de0bf20ac95fca669/12', NULL, NULL, '9.2', 1, 'core', '0.1.0', NULL, NULL, NULL, '01a201b93c5ae65de0bf20ac95fca669/11', NULL, NULL, '{"decision":"01a201b93c5ae65de0bf20ac95fca669/11"}', 'sha256 aes-siv-256 hmac-sha256', 'a8d22959b2aa698b6aa12e96c3926986258bdab40a71632a37c770022abeee37', 'da03bc44a60e8ad59d5a6980936d52adc7b416d0a9967461480152258f0b3c64', 74),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 14, 'fact', 'retail.purchase_refunded', 1, '2012-05-21T03:00:00.000000Z', 'instant', '2012-05-21T03:00:00.000000Z', '2012-05-21T03:00:00.000000Z', 'wang', NULL, '~s1.0bc44dd0df881fc1.sgcxIuKT17wQt2fHzIRMF5JVt6PY94kOLzF4', NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c77b6541cb53cc6bf95f441/14', NULL, NULL, NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"paid":{"amount":"33.00","currency":"CNY"},"quantity":1,"receipt":"P-3-2","refund":"R-1"}', 'sha256 aes-siv-256 hmac-sha256', '7ead1d4fc0c0b012b751f955b056c2228a75e08f6561cbc17b03ef4b318aae7d', '70679e753c744857b569b018b2945a9ad2a1eb5f98e7a83a7d70569c918a5b34', 75),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 15, 'decision', 'retail.points_clawed_back', 1, '2012-05-21T03:00:00.000000Z', 'instant', '2012-05-21T03:00:00.000000Z', '2012-05-21T03:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c77b6541cb53cc6bf95f441/14', '01a201b93c77b6541cb53cc6bf95f441/14', NULL, '14.1', 0, 'retail', '0.1.0', 'RET-19', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"absorbed":0,"debt":0,"due":33,"from_other_lots":[],"from_own_lot":33,"from_pending":0,"lot":"P-3-2","policy":"unlimited","refund":"R-1","unrecovered":0}', 'sha256 aes-siv-256 hmac-sha256', '70679e753c744857b569b018b2945a9ad2a1eb5f98e7a83a7d70569c918a5b34', 'a419d825501135c283d71517dcaba65dd79299f68b00158a8facc475ba04468a', 76),
	('main', '01a201b93c5ae65de0bf20ac95fca669', 15, 'decision', 'retail.points_expired', 1, '2012-07-04T16:00:00.000000Z', 'instant', '2012-07-04T16:00:00.000000Z', '2012-08-01T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c5ae65de0bf20ac95fca669/15', NULL, NULL, '@retail.lot_lapses|{"lot":"P-1-1"}|1', 0, 'retail', '0.1.0', 'RET-18', NULL, NULL, NULL, NULL, NULL, '{"last_day":"2012-07-04","lot":"P-1-1","points":48}', 'sha256 aes-siv-256 hmac-sha256', 'da03bc44a60e8ad59d5a6980936d52adc7b416d0a9967461480152258f0b3c64', '46660cab6356889516e19e0fd456099749d5756a86969707744097f120823858', 77),
	('main', '01a201b93c6af4e2f79f7184e335e535', 12, 'decision', 'retail.points_expired', 1, '2012-07-05T16:00:00.000000Z', 'instant', '2012-07-05T16:00:00.000000Z', '2012-08-01T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c6af4e2f79f7184e335e535/12', NULL, NULL, '@retail.lot_lapses|{"lot":"P-2-1"}|1', 0, 'retail', '0.1.0', 'RET-18', NULL, NULL, NULL, NULL, NULL, '{"last_day":"2012-07-05","lot":"P-2-1","points":85}', 'sha256 aes-siv-256 hmac-sha256', 'e3a4d637b7311c1aa6282478ee15acab3cdd40128fba4c1b05ad49d5658f3245', '8326f754330c693842f29a13eb00a74003be56f632e743c10d0d01bd4304fd25', 78),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 16, 'decision', 'retail.points_expired', 1, '2012-07-06T16:00:00.000000Z', 'instant', '2012-07-06T16:00:00.000000Z', '2012-08-01T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c77b6541cb53cc6bf95f441/16', NULL, NULL, '@retail.lot_lapses|{"lot":"P-3-1"}|1', 0, 'retail', '0.1.0', 'RET-18', NULL, NULL, NULL, NULL, NULL, '{"last_day":"2012-07-06","lot":"P-3-1","points":122}', 'sha256 aes-siv-256 hmac-sha256', 'a419d825501135c283d71517dcaba65dd79299f68b00158a8facc475ba04468a', '2eb4df9fc192a4b2b823d59658768a6b19e08d20f22f4bc99ae65f0555e1f3c9', 79),
	('main', '01a201b93c809439fcf453e33d2bcdff', 5, 'decision', 'retail.points_expired', 1, '2012-07-07T16:00:00.000000Z', 'instant', '2012-07-07T16:00:00.000000Z', '2012-08-01T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c809439fcf453e33d2bcdff/5', NULL, NULL, '@retail.lot_lapses|{"lot":"P-4-1"}|1', 0, 'retail', '0.1.0', 'RET-18', NULL, NULL, NULL, NULL, NULL, '{"last_day":"2012-07-07","lot":"P-4-1","points":159}', 'sha256 aes-siv-256 hmac-sha256', 'd601e0f3003e645bf6e114993235fc05e7067c459534d2c9667e5d195705c637', '6bb9bb64394a5a464fb19c1b1c935a8356b761dc6f5cf170279dcdca6d133631', 80),
	('main', '01a201b93c8987f4a27c913088380c35', 8, 'decision', 'retail.points_expired', 1, '2012-07-08T16:00:00.000000Z', 'instant', '2012-07-08T16:00:00.000000Z', '2012-08-01T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c8987f4a27c913088380c35/8', NULL, NULL, '@retail.lot_lapses|{"lot":"P-5-1"}|1', 0, 'retail', '0.1.0', 'RET-18', NULL, NULL, NULL, NULL, NULL, '{"last_day":"2012-07-08","lot":"P-5-1","points":196}', 'sha256 aes-siv-256 hmac-sha256', '1dc0574686dccb748e71c2aec083154a76002289240adb8081f03a8b19897b41', '23bc4be22ae4ecec7cd0496ca9b623a7947e08c476d81b87325bd112fe408ade', 81),
	('main', '01a201b93c928e6c6015a95083c19b51', 11, 'decision', 'retail.points_expired', 1, '2012-07-09T16:00:00.000000Z', 'instant', '2012-07-09T16:00:00.000000Z', '2012-08-01T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c928e6c6015a95083c19b51/11', NULL, NULL, '@retail.lot_lapses|{"lot":"P-6-1"}|1', 0, 'retail', '0.1.0', 'RET-18', NULL, NULL, NULL, NULL, NULL, '{"last_day":"2012-07-09","lot":"P-6-1","points":233}', 'sha256 aes-siv-256 hmac-sha256', 'c1f6284a7e1ed8a1782469e7e4a850c8eeeeabab95019b901e65803e7091a6a1', '6a4726c302308ceab42e9e7f6dc0a4394bfa90a9606ff694a7bf52f7fd3b418e', 82),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', 14, 'decision', 'retail.points_expired', 1, '2012-07-10T16:00:00.000000Z', 'instant', '2012-07-10T16:00:00.000000Z', '2012-08-01T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c9b4e6a582a01d4ef2e2093/14', NULL, NULL, '@retail.lot_lapses|{"lot":"P-7-1"}|1', 0, 'retail', '0.1.0', 'RET-18', NULL, NULL, NULL, NULL, NULL, '{"last_day":"2012-07-10","lot":"P-7-1","points":270}', 'sha256 aes-siv-256 hmac-sha256', '1ab0a9ee999307001e1126d4d579c2505953e0083eab0334ed0283c9eed2c96d', '2e4995913fd4695cfffc1a59de646352910ae64ad43de7ceb385b83c3182de1b', 83),
	('main', '01a201b93c6af4e2f79f7184e335e535', 13, 'act', 'core.entry_corrected', 1, '2012-08-05T02:00:00.000000Z', 'instant', '2012-08-05T02:00:00.000000Z', '2012-08-05T02:00:00.000000Z', 'li', NULL, '~s1.11b10ada82f06275.EeCwUNiOfrNwZQTvxZlGiVqao7ndUANeLmBPBrNtgE4IU08-dGHY5w==', NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c6af4e2f79f7184e335e535/13', NULL, NULL, NULL, 1, 'core', '0.1.0', NULL, NULL, '01a201b93c6af4e2f79f7184e335e535/3', NULL, NULL, NULL, '{"target_name":"retail.purchase_recorded","fields":{"paid":{"amount":"95.50","currency":"CNY"}},"effective_from":null,"days_from":null,"days_until":null}', 'sha256 aes-siv-256 hmac-sha256', '8326f754330c693842f29a13eb00a74003be56f632e743c10d0d01bd4304fd25', '53aece5539b16965ff0ba2c3a6e43a39e870ef9009246fe8ffc2c9034b595e64', 84),
	('main', '01a201b93c6af4e2f79f7184e335e535', 14, 'decision', 'retail.points_earned', 1, '2012-02-05T02:00:00.000000Z', 'instant', '2012-02-05T02:00:00.000000Z', '2012-08-05T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c6af4e2f79f7184e335e535/13', '01a201b93c6af4e2f79f7184e335e535/3', NULL, '3.1', 1, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, '01a201b93c6af4e2f79f7184e335e535/4', NULL, NULL, '{"available_from":"2012-02-05","base":"95.50","last_day":"2012-07-05","lot":"P-2-1","multiplier":"1","points":95,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', '53aece5539b16965ff0ba2c3a6e43a39e870ef9009246fe8ffc2c9034b595e64', 'ed695e9770d2a4a9c73a82bf8e03f8d87ff72284587b4b024355cadf5597271e', 85),
	('main', '01a201b93c6af4e2f79f7184e335e535', 15, 'decision', 'retail.points_activated', 1, '2012-02-05T02:00:00.000000Z', 'instant', '2012-02-05T02:00:00.000000Z', '2012-08-05T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c6af4e2f79f7184e335e535/13', NULL, NULL, '3.2', 1, 'retail', '0.1.0', 'RET-16', NULL, NULL, '01a201b93c6af4e2f79f7184e335e535/5', NULL, NULL, '{"lot":"P-2-1","points":95,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', 'ed695e9770d2a4a9c73a82bf8e03f8d87ff72284587b4b024355cadf5597271e', 'e976ea15785665fffc86bf66561ecc82537a006d04105c4373881b14351bd180', 86),
	('main', '01a201b93c6af4e2f79f7184e335e535', 16, 'decision', 'retail.points_expired', 1, '2012-07-05T16:00:00.000000Z', 'instant', '2012-07-05T16:00:00.000000Z', '2012-08-05T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c6af4e2f79f7184e335e535/13', NULL, NULL, '@retail.lot_lapses|{"lot":"P-2-1"}|1', 1, 'retail', '0.1.0', 'RET-18', NULL, NULL, '01a201b93c6af4e2f79f7184e335e535/12', NULL, NULL, '{"last_day":"2012-07-05","lot":"P-2-1","points":95}', 'sha256 aes-siv-256 hmac-sha256', 'e976ea15785665fffc86bf66561ecc82537a006d04105c4373881b14351bd180', 'b05473074a26bae0eb2e4b916e965eb79b30e5778d614e44bb2ab752750103cc', 87),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 17, 'fact', 'retail.points_redeemed', 1, '2012-04-28T10:00:00.000000Z', 'instant', '2012-04-28T10:00:00.000000Z', '2012-08-06T02:00:00.000000Z', 'wang', NULL, '~s1.0bc44dd0df881fc1.cXNX1QQm36tgcKduPtCAvKk1e3ddL086n_zX_JFn0YuSiFsCTGU=', NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c77b6541cb53cc6bf95f441/17', NULL, NULL, NULL, 1, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"lots":[["P-3-1",40]],"points":40,"redemption":"X-1"}', 'sha256 aes-siv-256 hmac-sha256', '2eb4df9fc192a4b2b823d59658768a6b19e08d20f22f4bc99ae65f0555e1f3c9', '5d9d3f45852225effff134d98944e24649b7349d821118a077adb0bfa4048ce4', 88),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 18, 'decision', 'retail.points_expired', 1, '2012-07-06T16:00:00.000000Z', 'instant', '2012-07-06T16:00:00.000000Z', '2012-08-06T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c77b6541cb53cc6bf95f441/17', NULL, NULL, '@retail.lot_lapses|{"lot":"P-3-1"}|1', 1, 'retail', '0.1.0', 'RET-18', NULL, NULL, '01a201b93c77b6541cb53cc6bf95f441/16', NULL, NULL, '{"last_day":"2012-07-06","lot":"P-3-1","points":82}', 'sha256 aes-siv-256 hmac-sha256', '5d9d3f45852225effff134d98944e24649b7349d821118a077adb0bfa4048ce4', '28716e903e26b7cc501dca25db4a89e71e24e429bd9731a7877eb04ffe872b1d', 89),
	('main', '01a201b93c809439fcf453e33d2bcdff', 6, 'fact', 'core.profile_fact_recorded', 1, '2012-08-06T02:00:00.000000Z', 'instant', '2012-08-06T02:00:00.000000Z', '2012-08-06T02:00:00.000000Z', 'wang', NULL, '~s1.715df5ad92f97014.eSNc8O_aMNLZxxcugM9hP_4VJhrnsEUxUHZLZFU6', NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c809439fcf453e33d2bcdff/6', NULL, NULL, NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, '01a201b93c809439fcf453e33d2bcdff', '{"field_name":"name","value":"~s1.0037645c172f86dc.JXDYxydAP4hvxwGbzr8h-RMxSqBZCi5oAojm","unit":null,"evidence":null}', 'sha256 aes-siv-256 hmac-sha256', '6bb9bb64394a5a464fb19c1b1c935a8356b761dc6f5cf170279dcdca6d133631', '920b7502572d5f9f741a313128c9a027f41a6099571ceae9a9a687ad178e7324', 90),
	('main', '01a201b93c8987f4a27c913088380c35', 9, 'fact', 'retail.purchase_recorded', 1, '2012-08-06T02:00:00.000000Z', 'instant', '2012-08-06T02:00:00.000000Z', '2012-08-06T02:00:00.000000Z', 'wang', 'branch 7', NULL, NULL, NULL, 'web shop', 'W-1', '1', NULL, 'campaign-3', NULL, NULL, NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":null,"conditions":[],"outlet":null,"paid":{"amount":"120.00","currency":"CNY"},"quantity":1,"receipt":"W-1"}', 'sha256 aes-siv-256 hmac-sha256', '23bc4be22ae4ecec7cd0496ca9b623a7947e08c476d81b87325bd112fe408ade', 'dd031e312abab99e96423c120c63bad1cef2bdc432dc604b529e12601a3865a5', 91),
	('main', '01a201b93c8987f4a27c913088380c35', 10, 'decision', 'retail.points_earned', 1, '2012-08-06T02:00:00.000000Z', 'instant', '2012-08-06T02:00:00.000000Z', '2012-08-06T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'campaign-3', '01a201b93c8987f4a27c913088380c35/9', NULL, '9.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-08-06","base":"120.00","last_day":"2013-01-06","lot":"W-1","multiplier":"1","points":120,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', 'dd031e312abab99e96423c120c63bad1cef2bdc432dc604b529e12601a3865a5', '4a10964f1aab9fb014455f2b1cf465aec62a238b5a972da6e45ee5cb32348096', 92),
	('main', '01a201b93c8987f4a27c913088380c35', 11, 'decision', 'retail.points_activated', 1, '2012-08-06T02:00:00.000000Z', 'instant', '2012-08-06T02:00:00.000000Z', '2012-08-06T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'campaign-3', NULL, NULL, '9.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"W-1","points":120,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', '4a10964f1aab9fb014455f2b1cf465aec62a238b5a972da6e45ee5cb32348096', '6fb830589c0fe54d0c188df225cdbbee9a9a4654e05e5419c271ac71ca0a714d', 93),
	('main', 'import-old till', 1, 'fact', 'core.import_batch_opened', 1, '2012-08-10T02:00:00.000000Z', 'instant', '2012-08-10T02:00:00.000000Z', '2012-08-10T02:00:00.000000Z', 'clerk', NULL, 'the old till''s receipts', NULL, NULL, NULL, NULL, NULL, NULL, 'import-old till/1', NULL, NULL, NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"batch":"old till-1","reason":"the old till''s receipts","source":"old till"}', 'sha256 aes-siv-256 hmac-sha256', '', '7a110d74293ba986d866bd7a459639e27abb6ba41d8a111f8f59e6281a8e8652', 94),
	('main', '01a201b93d8457757db24c2b3b2d2c00', 1, 'fact', 'core.file_opened', 1, '2012-05-01T16:00:00.000000Z', 'day', '2012-05-01T16:00:00.000000Z', '2012-08-10T02:00:00.000000Z', 'clerk', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'old till-1', '01a201b93d8457757db24c2b3b2d2c00/1', NULL, NULL, NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"account":"D-101","party":"person","name":null,"source_channel":"import","opened_by":null}', 'sha256 aes-siv-256 hmac-sha256', '', '780d140463e32a16768eee17c8c5236d77151d7914662400d12c242fa542fb60', 95),
	('main', '01a201b93d8457757db24c2b3b2d2c00', 2, 'fact', 'retail.purchase_recorded', 1, '2012-05-01T16:00:00.000000Z', 'day', '2012-05-01T16:00:00.000000Z', '2012-08-10T02:00:00.000000Z', 'clerk', NULL, NULL, NULL, NULL, 'old till', 'K-1', '1', 'old till-1', '01a201b93d8457757db24c2b3b2d2c00/1', NULL, NULL, NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":null,"conditions":[],"outlet":null,"paid":{"amount":"35.20","currency":"CNY"},"quantity":1,"receipt":"K-1/1"}', 'sha256 aes-siv-256 hmac-sha256', '780d140463e32a16768eee17c8c5236d77151d7914662400d12c242fa542fb60', '135a27885f08d4b37a8cff5c9629baf89a5e18e2ae8e78fb4d8dcb80e1fb2788', 96),
	('main', '01a201b93d8457757db24c2b3b2d2c00', 3, 'decision', 'retail.points_earned', 1, '2012-05-01T16:00:00.000000Z', 'instant', '2012-05-01T16:00:00.000000Z', '2012-08-10T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'old till-1', '01a201b93d8457757db24c2b3b2d2c00/1', '01a201b93d8457757db24c2b3b2d2c00/2', NULL, '2.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-05-02","base":"35.20","last_day":"2012-10-02","lot":"K-1/1","multiplier":"1","points":35,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', '135a27885f08d4b37a8cff5c9629baf89a5e18e2ae8e78fb4d8dcb80e1fb2788', '586b4cbb396a31029ad526dadc3d905afe51af2d475e513803a3352da64026e3', 97),
	('main', '01a201b93d8457757db24c2b3b2d2c00', 4, 'decision', 'retail.points_activated', 1, '2012-05-01T16:00:00.000000Z', 'instant', '2012-05-01T16:00:00.000000Z', '2012-08-10T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'old till-1', '01a201b93d8457757db24c2b3b2d2c00/1', NULL, NULL, '2.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"K-1/1","points":35,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', '586b4cbb396a31029ad526dadc3d905afe51af2d475e513803a3352da64026e3', 'a917867099cd50c5f17148f36868d44735782dc43cde41716f157f32912daa31', 98),
	('main', '01a201b93d8457757db24c2b3b2d2c00', 5, 'fact', 'retail.purchase_recorded', 1, '2012-06-10T16:00:00.000000Z', 'day', '2012-06-10T16:00:00.000000Z', '2012-08-10T02:00:00.000000Z', 'clerk', NULL, NULL, NULL, NULL, 'old till', 'K-2', '1', 'old till-1', '01a201b93d8457757db24c2b3b2d2c00/1', NULL, NULL, NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":null,"conditions":[],"outlet":null,"paid":{"amount":"18.00","currency":"CNY"},"quantity":1,"receipt":"K-2/1"}', 'sha256 aes-siv-256 hmac-sha256', 'a917867099cd50c5f17148f36868d44735782dc43cde41716f157f32912daa31', '02527abac6de5bff5b7b83e3dbc5cde41db08df0b6ce98703b8a5670a3112711', 99),
	('main', '01a201b93d8457757db24c2b3b2d2c00', 6, 'decision', 'retail.points_earned', 1, '2012-06-10T16:00:00.000000Z', 'instant', '2012-06-10T16:00:00.000000Z', '2012-08-10T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'old till-1', '01a201b93d8457757db24c2b3b2d2c00/1', '01a201b93d8457757db24c2b3b2d2c00/5', NULL, '5.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-06-11","base":"18.00","last_day":"2012-11-11","lot":"K-2/1","multiplier":"1","points":18,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', '02527abac6de5bff5b7b83e3dbc5cde41db08df0b6ce98703b8a5670a3112711', 'a52c6297793b962c72cb837acd25b61f84213b86ebc89e91c0c0ed3ddc319e60', 100);
INSERT INTO public.guanxi_entries VALUES
	('main', '01a201b93d8457757db24c2b3b2d2c00', 7, 'decision', 'retail.points_activated', 1, '2012-06-10T16:00:00.000000Z', 'instant', '2012-06-10T16:00:00.000000Z', '2012-08-10T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'old till-1', '01a201b93d8457757db24c2b3b2d2c00/1', NULL, NULL, '5.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"K-2/1","points":18,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', 'a52c6297793b962c72cb837acd25b61f84213b86ebc89e91c0c0ed3ddc319e60', '71e06f9e5a2b4df077b9cec4ca1f2ad18f449235482956027506e8fdae4cb3b6', 101),
	('main', '01a201b93d8584ad1d7eae5495bd7539', 1, 'fact', 'core.file_opened', 1, '2012-07-18T16:00:00.000000Z', 'day', '2012-07-18T16:00:00.000000Z', '2012-08-10T02:00:00.000000Z', 'clerk', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'old till-1', '01a201b93d8584ad1d7eae5495bd7539/1', NULL, NULL, NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"account":"D-103","party":"person","name":null,"source_channel":"import","opened_by":null}', 'sha256 aes-siv-256 hmac-sha256', '', 'e35e0f13e54f1503b7889255b71c0d7fa1e301bb5f2c093eb3ebba86854a89db', 102),
	('main', '01a201b93d8584ad1d7eae5495bd7539', 2, 'fact', 'retail.purchase_recorded', 1, '2012-07-18T16:00:00.000000Z', 'day', '2012-07-18T16:00:00.000000Z', '2012-08-10T02:00:00.000000Z', 'clerk', NULL, NULL, NULL, NULL, 'old till', 'K-4', '1', 'old till-1', '01a201b93d8584ad1d7eae5495bd7539/1', NULL, NULL, NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":null,"conditions":[],"outlet":null,"paid":{"amount":"0.00","currency":"CNY"},"quantity":1,"receipt":"K-4/1"}', 'sha256 aes-siv-256 hmac-sha256', 'e35e0f13e54f1503b7889255b71c0d7fa1e301bb5f2c093eb3ebba86854a89db', 'a8e684db15604741ec2c76a15c5843c0690128d3a2f1da20611e56c42ed59613', 103),
	('main', '01a201b93d85d936a91a34d30ab6cd77', 1, 'fact', 'core.file_opened', 1, '2012-05-01T16:00:00.000000Z', 'day', '2012-05-01T16:00:00.000000Z', '2012-08-10T02:00:00.000000Z', 'clerk', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'old till-1', '01a201b93d85d936a91a34d30ab6cd77/1', NULL, NULL, NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"account":"D-102","party":"person","name":null,"source_channel":"import","opened_by":null}', 'sha256 aes-siv-256 hmac-sha256', '', '58d88fbaee4662d6879c52d66192c347f56bdae3ae35fe50d60f696504f850f6', 104),
	('main', '01a201b93d85d936a91a34d30ab6cd77', 2, 'fact', 'retail.purchase_recorded', 1, '2012-05-01T16:00:00.000000Z', 'day', '2012-05-01T16:00:00.000000Z', '2012-08-10T02:00:00.000000Z', 'clerk', NULL, NULL, NULL, NULL, 'old till', 'K-3', '1', 'old till-1', '01a201b93d85d936a91a34d30ab6cd77/1', NULL, NULL, NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":null,"conditions":[],"outlet":null,"paid":{"amount":"240.00","currency":"CNY"},"quantity":1,"receipt":"K-3/1"}', 'sha256 aes-siv-256 hmac-sha256', '58d88fbaee4662d6879c52d66192c347f56bdae3ae35fe50d60f696504f850f6', 'f5cc37f33b7d9515be55401202f3b4d95862d3193c21f9e52f499f6344b451e7', 105),
	('main', '01a201b93d85d936a91a34d30ab6cd77', 3, 'decision', 'retail.points_earned', 1, '2012-05-01T16:00:00.000000Z', 'instant', '2012-05-01T16:00:00.000000Z', '2012-08-10T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'old till-1', '01a201b93d85d936a91a34d30ab6cd77/1', '01a201b93d85d936a91a34d30ab6cd77/2', NULL, '2.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-05-02","base":"240.00","last_day":"2012-10-02","lot":"K-3/1","multiplier":"1","points":240,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', 'f5cc37f33b7d9515be55401202f3b4d95862d3193c21f9e52f499f6344b451e7', '6e0cc0b3bd6088369ac124464010d4b254e7531f9739f6d4cebb7937a53a52b0', 106),
	('main', '01a201b93d85d936a91a34d30ab6cd77', 4, 'decision', 'retail.points_activated', 1, '2012-05-01T16:00:00.000000Z', 'instant', '2012-05-01T16:00:00.000000Z', '2012-08-10T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'old till-1', '01a201b93d85d936a91a34d30ab6cd77/1', NULL, NULL, '2.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"K-3/1","points":240,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', '6e0cc0b3bd6088369ac124464010d4b254e7531f9739f6d4cebb7937a53a52b0', 'd3eb40498d293242b283e39f861ddfff5d3cc4726ca972b8e2f53475893aed2b', 107),
	('main', '01a201b93d85d936a91a34d30ab6cd77', 5, 'fact', 'retail.purchase_recorded', 1, '2012-05-01T16:00:00.000000Z', 'day', '2012-05-01T16:00:00.000000Z', '2012-08-10T02:00:00.000000Z', 'clerk', NULL, NULL, NULL, NULL, 'old till', 'K-3', '2', 'old till-1', '01a201b93d85d936a91a34d30ab6cd77/1', NULL, NULL, NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":null,"conditions":[],"outlet":null,"paid":{"amount":"12.75","currency":"CNY"},"quantity":1,"receipt":"K-3/2"}', 'sha256 aes-siv-256 hmac-sha256', 'd3eb40498d293242b283e39f861ddfff5d3cc4726ca972b8e2f53475893aed2b', 'a51ba46c3cc51f4bb058c90a30ffa7d50c9a7be821c02153f1d1ef2259042e5a', 108),
	('main', '01a201b93d85d936a91a34d30ab6cd77', 6, 'decision', 'retail.points_earned', 1, '2012-05-01T16:00:00.000000Z', 'instant', '2012-05-01T16:00:00.000000Z', '2012-08-10T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'old till-1', '01a201b93d85d936a91a34d30ab6cd77/1', '01a201b93d85d936a91a34d30ab6cd77/5', NULL, '5.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":1}', NULL, NULL, NULL, NULL, '{"available_from":"2012-05-02","base":"12.75","last_day":"2012-10-02","lot":"K-3/2","multiplier":"1","points":12,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', 'a51ba46c3cc51f4bb058c90a30ffa7d50c9a7be821c02153f1d1ef2259042e5a', 'ee66d24e72d5a98b8ab0981e3ba98097483abb269cdcb7eb540ecc0cc49d5c8d', 109),
	('main', '01a201b93d85d936a91a34d30ab6cd77', 7, 'decision', 'retail.points_activated', 1, '2012-05-01T16:00:00.000000Z', 'instant', '2012-05-01T16:00:00.000000Z', '2012-08-10T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'old till-1', '01a201b93d85d936a91a34d30ab6cd77/1', NULL, NULL, '5.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"K-3/2","points":12,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', 'ee66d24e72d5a98b8ab0981e3ba98097483abb269cdcb7eb540ecc0cc49d5c8d', '93c319812bd853a88062af81de354d7714a96d16d766eb6df10ba8557abbb57d', 110),
	('main', 'import-old till', 2, 'fact', 'core.import_batch_closed', 1, '2012-08-10T02:00:00.000000Z', 'instant', '2012-08-10T02:00:00.000000Z', '2012-08-10T02:00:00.000000Z', 'clerk', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'import-old till/2', NULL, NULL, NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"accepted":5,"batch":"old till-1","known":0,"refused":0,"waiting":0}', 'sha256 aes-siv-256 hmac-sha256', '7a110d74293ba986d866bd7a459639e27abb6ba41d8a111f8f59e6281a8e8652', '75e8fcc5a5a742e3bb4c3d142f2c6bd0859f041d25a3da542b2e7f6907871545', 111),
	('main', '01a201b93c5ae65de0bf20ac95fca669', 16, 'decision', 'retail.points_expired', 1, '2012-08-04T16:00:00.000000Z', 'instant', '2012-08-04T16:00:00.000000Z', '2012-08-31T15:59:59.999999Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c5ae65de0bf20ac95fca669/16', NULL, NULL, '@retail.lot_lapses|{"lot":"P-1-2"}|1', 0, 'retail', '0.1.0', 'RET-18', NULL, NULL, NULL, NULL, NULL, '{"last_day":"2012-08-04","lot":"P-1-2","points":59}', 'sha256 aes-siv-256 hmac-sha256', '46660cab6356889516e19e0fd456099749d5756a86969707744097f120823858', 'db232a490d15428681a99221ed0fdcf12a21f8614c0eb0d5c23d10862a533ce5', 112),
	('main', '01a201b93c6af4e2f79f7184e335e535', 17, 'decision', 'retail.points_expired', 1, '2012-08-05T16:00:00.000000Z', 'instant', '2012-08-05T16:00:00.000000Z', '2012-08-31T15:59:59.999999Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c6af4e2f79f7184e335e535/17', NULL, NULL, '@retail.lot_lapses|{"lot":"P-2-2"}|1', 0, 'retail', '0.1.0', 'RET-18', NULL, NULL, NULL, NULL, NULL, '{"last_day":"2012-08-05","lot":"P-2-2","points":96}', 'sha256 aes-siv-256 hmac-sha256', 'b05473074a26bae0eb2e4b916e965eb79b30e5778d614e44bb2ab752750103cc', '737269d2da6d2d83bb5bc7ac6ccf8f9f4fd932302efe9bcedf83502b96263478', 113),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 19, 'decision', 'retail.points_expired', 1, '2012-08-06T16:00:00.000000Z', 'instant', '2012-08-06T16:00:00.000000Z', '2012-08-31T15:59:59.999999Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c77b6541cb53cc6bf95f441/19', NULL, NULL, '@retail.lot_lapses|{"lot":"P-3-2"}|1', 0, 'retail', '0.1.0', 'RET-18', NULL, NULL, NULL, NULL, NULL, '{"last_day":"2012-08-06","lot":"P-3-2","points":100}', 'sha256 aes-siv-256 hmac-sha256', '28716e903e26b7cc501dca25db4a89e71e24e429bd9731a7877eb04ffe872b1d', '703e4512ebeef381a09bd9428d982155d19d9e674fdf1eeb032feb0a361c58b7', 114),
	('main', '01a201b93c8987f4a27c913088380c35', 12, 'decision', 'retail.points_expired', 1, '2012-08-08T16:00:00.000000Z', 'instant', '2012-08-08T16:00:00.000000Z', '2012-08-31T15:59:59.999999Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c8987f4a27c913088380c35/12', NULL, NULL, '@retail.lot_lapses|{"lot":"P-5-2"}|1', 0, 'retail', '0.1.0', 'RET-18', NULL, NULL, NULL, NULL, NULL, '{"last_day":"2012-08-08","lot":"P-5-2","points":207}', 'sha256 aes-siv-256 hmac-sha256', '6fb830589c0fe54d0c188df225cdbbee9a9a4654e05e5419c271ac71ca0a714d', '883db9dcb305255774301bdc285f715518797263def5f63ea65ec9192f55f6cc', 115),
	('main', '01a201b93c928e6c6015a95083c19b51', 12, 'decision', 'retail.points_expired', 1, '2012-08-09T16:00:00.000000Z', 'instant', '2012-08-09T16:00:00.000000Z', '2012-08-31T15:59:59.999999Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c928e6c6015a95083c19b51/12', NULL, NULL, '@retail.lot_lapses|{"lot":"P-6-2"}|1', 0, 'retail', '0.1.0', 'RET-18', NULL, NULL, NULL, NULL, NULL, '{"last_day":"2012-08-09","lot":"P-6-2","points":244}', 'sha256 aes-siv-256 hmac-sha256', '6a4726c302308ceab42e9e7f6dc0a4394bfa90a9606ff694a7bf52f7fd3b418e', '5f60fca836e1e14cde22b14dae6b7b979940e071dc48fbfad9430fb2ee9e99c8', 116),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', 15, 'decision', 'retail.points_expired', 1, '2012-08-10T16:00:00.000000Z', 'instant', '2012-08-10T16:00:00.000000Z', '2012-08-31T15:59:59.999999Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93c9b4e6a582a01d4ef2e2093/15', NULL, NULL, '@retail.lot_lapses|{"lot":"P-7-2"}|1', 0, 'retail', '0.1.0', 'RET-18', NULL, NULL, NULL, NULL, NULL, '{"last_day":"2012-08-10","lot":"P-7-2","points":281}', 'sha256 aes-siv-256 hmac-sha256', '2e4995913fd4695cfffc1a59de646352910ae64ad43de7ceb385b83c3182de1b', '08fd07030ef22e294fef6c91fbd37472262c963ded2f243ec56be050d5bad1d6', 117),
	('main', 'retail.spend_class-1', 1, 'run', 'core.run_started', 1, '2012-09-01T02:00:00.000000Z', 'instant', '2012-09-01T02:00:00.000000Z', '2012-09-01T02:00:00.000000Z', 'analyst', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'retail.spend_class-1/1', NULL, NULL, NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"as_known":"2012-09-01T02:00:00.000000Z","as_of":"2012-08-31T15:59:59.999999Z","controls":{"spend":"3801.45"},"counted":"spend_class","digest":"d99416e943a51707dbc5b1b8697fa46e08a0244df6a9abdc6deb0c79718ebed1","fields":["spend_class","spend"],"parameters":{"currency":null},"population":10,"position":117,"rule_sets":{"retail.spend_classes":0},"run":"retail.spend_class","supersedes":null}', 'sha256 aes-siv-256 hmac-sha256', '', '50ccfc2d63df1e61f90dad7d34c2f372e9682ae602d694e6079e3a40348eb9ef', 118),
	('main', 'retail.spend_class-1', 2, 'run', 'core.run_lines_recorded', 1, '2012-09-01T02:00:00.000000Z', 'instant', '2012-09-01T02:00:00.000000Z', '2012-09-01T02:00:00.000000Z', 'analyst', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'retail.spend_class-1/2', NULL, 'retail.spend_class-1 part 1', NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"lines":[["01a201b93c5ae65de0bf20ac95fca669",["small","108.00"]],["01a201b93c6af4e2f79f7184e335e535",["small","299.50"]],["01a201b93c77b6541cb53cc6bf95f441",["small","523.00"]],["01a201b93c809439fcf453e33d2bcdff",["small","159.50"]],["01a201b93c8987f4a27c913088380c35",["small","524.00"]],["01a201b93c928e6c6015a95083c19b51",["small","733.50"]],["01a201b93c9b4e6a582a01d4ef2e2093",["ordinary","1148.00"]],["01a201b93d8457757db24c2b3b2d2c00",["small","53.20"]],["01a201b93d8584ad1d7eae5495bd7539",["small","0.00"]],["01a201b93d85d936a91a34d30ab6cd77",["small","252.75"]]],"part":1,"run":"retail.spend_class"}', 'sha256 aes-siv-256 hmac-sha256', '50ccfc2d63df1e61f90dad7d34c2f372e9682ae602d694e6079e3a40348eb9ef', '550955d6f2308aa1aa36cb02d79fcf988aa8490475147f904992940c49ef4751', 119),
	('main', 'retail.spend_class-1', 3, 'run', 'core.run_closed', 1, '2012-09-01T02:00:00.000000Z', 'instant', '2012-09-01T02:00:00.000000Z', '2012-09-01T02:00:00.000000Z', 'analyst', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'retail.spend_class-1/3', NULL, 'retail.spend_class-1 close', NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"counts":{"ordinary":1,"small":9},"run":"retail.spend_class"}', 'sha256 aes-siv-256 hmac-sha256', '550955d6f2308aa1aa36cb02d79fcf988aa8490475147f904992940c49ef4751', 'a67952bef6776815f81988fc16e69e2cb92d4123571de69091339a6b907cccfd', 120),
	('branch', '01a201b93eaa7fad6251c1bde77d86b9', 1, 'fact', 'core.file_opened', 1, '2012-09-02T02:00:00.000000Z', 'instant', '2012-09-02T02:00:00.000000Z', '2012-09-02T02:00:00.000000Z', 'gao', NULL, '~s1.59b27a83c7c3f0e1.ObdjSCOtxsxl7Qujs9PbzHXmxYFdik0L', NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93eaa7fad6251c1bde77d86b9/1', NULL, NULL, NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, '01a201b93eaa7fad6251c1bde77d86b9', '{"account":"C-1","party":"person","name":"~s1.9cc75a0481e15481.W0cNlIzgF1AziWWS72upuiGjoB4z4tV3","source_channel":"unknown","opened_by":null}', 'sha256 aes-siv-256 hmac-sha256', '', '6e686b999ad45d3da41b44daf7ebbf834759221bfc3df694c57930edcc4d64ab', 121),
	('branch', '01a201b93eaa7fad6251c1bde77d86b9', 2, 'fact', 'retail.purchase_recorded', 1, '2012-09-02T02:00:00.000000Z', 'instant', '2012-09-02T02:00:00.000000Z', '2012-09-02T02:00:00.000000Z', 'gao', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93eaa7fad6251c1bde77d86b9/2', NULL, NULL, NULL, 0, 'retail', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"area":null,"conditions":[],"outlet":null,"paid":{"amount":"66.00","currency":"CNY"},"quantity":1,"receipt":"B-1"}', 'sha256 aes-siv-256 hmac-sha256', '6e686b999ad45d3da41b44daf7ebbf834759221bfc3df694c57930edcc4d64ab', 'fa8d6e3877b622af54f1e2ca5bb6b81d6f6f7ea440feaf76c7966996e6271440', 122),
	('branch', '01a201b93eaa7fad6251c1bde77d86b9', 3, 'decision', 'retail.points_earned', 1, '2012-09-02T02:00:00.000000Z', 'instant', '2012-09-02T02:00:00.000000Z', '2012-09-02T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93eaa7fad6251c1bde77d86b9/2', '01a201b93eaa7fad6251c1bde77d86b9/2', NULL, '2.1', 0, 'retail', '0.1.0', 'RET-15', '{"retail.points":0}', NULL, NULL, NULL, NULL, '{"available_from":"2012-09-02","base":"66.00","last_day":"2013-09-02","lot":"B-1","multiplier":"1","points":66,"rate":"1"}', 'sha256 aes-siv-256 hmac-sha256', 'fa8d6e3877b622af54f1e2ca5bb6b81d6f6f7ea440feaf76c7966996e6271440', '310421ab73935e7262fbb2f309912b52ac3791f59075bc0d039a37c4606332a1', 123),
	('branch', '01a201b93eaa7fad6251c1bde77d86b9', 4, 'decision', 'retail.points_activated', 1, '2012-09-02T02:00:00.000000Z', 'instant', '2012-09-02T02:00:00.000000Z', '2012-09-02T02:00:00.000000Z', 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93eaa7fad6251c1bde77d86b9/2', NULL, NULL, '2.2', 0, 'retail', '0.1.0', 'RET-16', NULL, NULL, NULL, NULL, NULL, '{"lot":"B-1","points":66,"to_debt":0}', 'sha256 aes-siv-256 hmac-sha256', '310421ab73935e7262fbb2f309912b52ac3791f59075bc0d039a37c4606332a1', '8a9fae175a7530b027c54b5a083ef6a52e6069e6f3dd05a51f08aab6c51f55ae', 124),
	('branch', '01a201b93eb735ea585f33917d3eeee4', 1, 'fact', 'core.file_opened', 1, '2012-09-03T02:00:00.000000Z', 'instant', '2012-09-03T02:00:00.000000Z', '2012-09-03T02:00:00.000000Z', 'gao', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01a201b93eb735ea585f33917d3eeee4/1', NULL, NULL, NULL, 0, 'core', '0.1.0', NULL, NULL, NULL, NULL, NULL, NULL, '{"account":"C-2","party":"person","name":null,"source_channel":"unknown","opened_by":null}', 'sha256 aes-siv-256 hmac-sha256', '', 'a56cc8c7f55b16bacdf522a21df1c430027fc26538874c278a1858fa46ec33da', 125);


--
-- Data for Name: guanxi_heads; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.guanxi_heads VALUES
	('main', 'rules', 'rules', 1, '24c698640a14b30ce5832d74d0733e40f1d08f4595fe7025da70aead36807566', '2012-01-01T00:00:00.000000Z', NULL, 'e3b0c44298fc'),
	('main', '01a201b93ca51545bd2d9a492cd06ab0', 'customer', 1, 'ba4abb0a0ed54350ebfcff7bc44e931610e09d2dec05f71b9c6b1b64f147a93a', '2012-01-08T02:00:00.000000Z', NULL, '86f22cd940c6'),
	('main', '01a201b93c809439fcf453e33d2bcdff', 'customer', 6, '920b7502572d5f9f741a313128c9a027f41a6099571ceae9a9a687ad178e7324', '2012-08-06T02:00:00.000000Z', NULL, '86f22cd940c6'),
	('main', '01a201b93d8457757db24c2b3b2d2c00', 'customer', 7, '71e06f9e5a2b4df077b9cec4ca1f2ad18f449235482956027506e8fdae4cb3b6', '2012-08-10T02:00:00.000000Z', '2012-10-02T16:00:00.000000Z', '86f22cd940c6'),
	('main', '01a201b93d8584ad1d7eae5495bd7539', 'customer', 2, 'a8e684db15604741ec2c76a15c5843c0690128d3a2f1da20611e56c42ed59613', '2012-08-10T02:00:00.000000Z', NULL, '86f22cd940c6'),
	('main', '01a201b93d85d936a91a34d30ab6cd77', 'customer', 7, '93c319812bd853a88062af81de354d7714a96d16d766eb6df10ba8557abbb57d', '2012-08-10T02:00:00.000000Z', '2012-10-02T16:00:00.000000Z', '86f22cd940c6'),
	('main', 'import-old till', 'import', 2, '75e8fcc5a5a742e3bb4c3d142f2c6bd0859f041d25a3da542b2e7f6907871545', '2012-08-10T02:00:00.000000Z', NULL, '3984b821e30d'),
	('main', '01a201b93c5ae65de0bf20ac95fca669', 'customer', 16, 'db232a490d15428681a99221ed0fdcf12a21f8614c0eb0d5c23d10862a533ce5', '2012-08-31T15:59:59.999999Z', NULL, '86f22cd940c6'),
	('main', '01a201b93c6af4e2f79f7184e335e535', 'customer', 17, '737269d2da6d2d83bb5bc7ac6ccf8f9f4fd932302efe9bcedf83502b96263478', '2012-08-31T15:59:59.999999Z', '2012-09-05T16:00:00.000000Z', '86f22cd940c6'),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 'customer', 19, '703e4512ebeef381a09bd9428d982155d19d9e674fdf1eeb032feb0a361c58b7', '2012-08-31T15:59:59.999999Z', '2012-09-06T16:00:00.000000Z', '86f22cd940c6'),
	('main', '01a201b93c8987f4a27c913088380c35', 'customer', 12, '883db9dcb305255774301bdc285f715518797263def5f63ea65ec9192f55f6cc', '2012-08-31T15:59:59.999999Z', '2013-01-06T16:00:00.000000Z', '86f22cd940c6'),
	('main', '01a201b93c928e6c6015a95083c19b51', 'customer', 12, '5f60fca836e1e14cde22b14dae6b7b979940e071dc48fbfad9430fb2ee9e99c8', '2012-08-31T15:59:59.999999Z', '2012-09-09T16:00:00.000000Z', '86f22cd940c6'),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', 'customer', 15, '08fd07030ef22e294fef6c91fbd37472262c963ded2f243ec56be050d5bad1d6', '2012-08-31T15:59:59.999999Z', '2012-09-10T16:00:00.000000Z', '86f22cd940c6'),
	('main', 'retail.spend_class-1', 'run', 3, 'a67952bef6776815f81988fc16e69e2cb92d4123571de69091339a6b907cccfd', '2012-09-01T02:00:00.000000Z', NULL, 'caa420784e00'),
	('branch', '01a201b93eaa7fad6251c1bde77d86b9', 'customer', 4, '8a9fae175a7530b027c54b5a083ef6a52e6069e6f3dd05a51f08aab6c51f55ae', '2012-09-02T02:00:00.000000Z', '2013-09-02T16:00:00.000000Z', '86f22cd940c6'),
	('branch', '01a201b93eb735ea585f33917d3eeee4', 'customer', 1, 'a56cc8c7f55b16bacdf522a21df1c430027fc26538874c278a1858fa46ec33da', '2012-09-03T02:00:00.000000Z', NULL, '86f22cd940c6');


--
-- Data for Name: guanxi_meta; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.guanxi_meta VALUES
	('', 'schema_version', '1'),
	('', 'program_version', '0.1.0'),
	('', 'database_id', '6edb3a07d75461ce631933d6102e0a0e'),
	('main', 'zone', 'Asia/Shanghai'),
	('main', 'keyring', '944a67afeb26b44b'),
	('branch', 'zone', 'Asia/Shanghai'),
	('branch', 'keyring', '1f9280685bd72be3');


--
-- Data for Name: guanxi_read_models; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.guanxi_read_models VALUES
	('main', 'core.files', 1, 120, NULL, NULL, NULL),
	('main', 'core.runs', 1, 120, NULL, NULL, NULL),
	('main', 'retail.customers', 1, 120, NULL, NULL, NULL),
	('main', 'retail.points_month', 1, 120, NULL, NULL, NULL),
	('main', 'retail.receipts', 1, 120, NULL, NULL, NULL),
	('main', 'retail.rfm', 1, 120, NULL, NULL, NULL),
	('main', 'retail.spend_class', 1, 120, NULL, NULL, NULL),
	('branch', 'core.files', 1, 125, NULL, NULL, NULL),
	('branch', 'core.runs', 1, 125, NULL, NULL, NULL),
	('branch', 'retail.customers', 1, 125, NULL, NULL, NULL),
	('branch', 'retail.points_month', 1, 125, NULL, NULL, NULL),
	('branch', 'retail.receipts', 1, 125, NULL, NULL, NULL),
	('branch', 'retail.rfm', 1, 125, NULL, NULL, NULL),
	('branch', 'retail.spend_class', 1, 125, NULL, NULL, NULL);


--
-- Data for Name: retail_customers; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.retail_customers VALUES
	('main', '01a201b93c809439fcf453e33d2bcdff', '2012-02-07', '2012-02-07', 1, 1, 15950, 0, 'CNY'),
	('main', '01a201b93c8987f4a27c913088380c35', '2012-02-08', '2012-08-06', 3, 4, 52400, 0, 'CNY'),
	('main', '01a201b93c928e6c6015a95083c19b51', '2012-02-09', '2012-04-09', 3, 6, 73350, 0, 'CNY'),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', '2012-02-10', '2012-05-10', 4, 10, 114800, 0, 'CNY'),
	('main', '01a201b93d8457757db24c2b3b2d2c00', '2012-05-02', '2012-06-11', 2, 2, 5320, 0, 'CNY'),
	('main', '01a201b93d8584ad1d7eae5495bd7539', '2012-07-19', '2012-07-19', 1, 1, 0, 0, 'CNY'),
	('main', '01a201b93d85d936a91a34d30ab6cd77', '2012-05-02', '2012-05-02', 2, 2, 25275, 0, 'CNY'),
	('main', '01a201b93c5ae65de0bf20ac95fca669', '2012-02-04', '2012-03-04', 2, 3, 10800, 0, 'CNY'),
	('main', '01a201b93c6af4e2f79f7184e335e535', '2012-02-05', '2012-04-05', 3, 6, 29950, 0, 'CNY'),
	('main', '01a201b93c77b6541cb53cc6bf95f441', '2012-02-06', '2012-05-06', 4, 10, 55600, 3300, 'CNY'),
	('branch', '01a201b93eaa7fad6251c1bde77d86b9', '2012-09-02', '2012-09-02', 1, 1, 6600, 0, 'CNY');


--
-- Data for Name: retail_points_month; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.retail_points_month VALUES
	('main', '01a201b93c809439fcf453e33d2bcdff', '2012-02', 159, 159, 0, 0, 0, 0, 0, 0),
	('main', '01a201b93c809439fcf453e33d2bcdff', '2012-07', 0, 0, 0, 0, 0, 159, 0, 0),
	('main', '01a201b93c8987f4a27c913088380c35', '2012-02', 196, 196, 0, 0, 0, 0, 0, 0),
	('main', '01a201b93c8987f4a27c913088380c35', '2012-03', 207, 207, 0, 0, 0, 0, 0, 0),
	('main', '01a201b93c8987f4a27c913088380c35', '2012-07', 0, 0, 0, 0, 0, 196, 0, 0),
	('main', '01a201b93c928e6c6015a95083c19b51', '2012-02', 233, 233, 0, 0, 0, 0, 0, 0),
	('main', '01a201b93c928e6c6015a95083c19b51', '2012-03', 244, 244, 0, 0, 0, 0, 0, 0),
	('main', '01a201b93c928e6c6015a95083c19b51', '2012-04', 255, 255, 0, 0, 0, 0, 0, 0),
	('main', '01a201b93c928e6c6015a95083c19b51', '2012-07', 0, 0, 0, 0, 0, 233, 0, 0),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', '2012-02', 270, 270, 0, 0, 0, 0, 0, 0),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', '2012-03', 281, 281, 0, 0, 0, 0, 0, 0),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', '2012-04', 292, 292, 0, 0, 0, 0, 0, 0),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', '2012-05', 303, 303, 0, 0, 0, 0, 0, 0),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', '2012-07', 0, 0, 0, 0, 0, 270, 0, 0),
	('main', '01a201b93d8457757db24c2b3b2d2c00', '2012-05', 35, 35, 0, 0, 0, 0, 0, 0),
	('main', '01a201b93d8457757db24c2b3b2d2c00', '2012-06', 18, 18, 0, 0, 0, 0, 0, 0),
	('main', '01a201b93d85d936a91a34d30ab6cd77', '2012-05', 252, 252, 0, 0, 0, 0, 0, 0),
	('main', '01a201b93c5ae65de0bf20ac95fca669', '2012-02', 48, 48, 0, 0, 0, 0, 0, 0),
	('main', '01a201b93c5ae65de0bf20ac95fca669', '2012-03', 59, 59, 0, 0, 0, 0, 0, 0),
	('main', '01a201b93c5ae65de0bf20ac95fca669', '2012-07', 0, 0, 0, 0, 0, 48, 0, 0),
	('main', '01a201b93c6af4e2f79f7184e335e535', '2012-02', 95, 95, 0, 0, 0, 0, 0, 0),
	('main', '01a201b93c6af4e2f79f7184e335e535', '2012-03', 96, 96, 0, 0, 0, 0, 0, 0),
	('main', '01a201b93c6af4e2f79f7184e335e535', '2012-04', 107, 107, 0, 0, 0, 0, 0, 0),
	('main', '01a201b93c6af4e2f79f7184e335e535', '2012-07', 0, 0, 0, 0, 0, 95, 0, 0),
	('main', '01a201b93c77b6541cb53cc6bf95f441', '2012-02', 122, 122, 0, 0, 0, 0, 0, 0),
	('main', '01a201b93c77b6541cb53cc6bf95f441', '2012-03', 133, 133, 0, 0, 0, 0, 0, 0),
	('main', '01a201b93c77b6541cb53cc6bf95f441', '2012-04', 144, 144, 0, 0, 40, 0, 0, 0),
	('main', '01a201b93c77b6541cb53cc6bf95f441', '2012-05', 155, 155, 0, 0, 0, 0, 33, 0),
	('main', '01a201b93c77b6541cb53cc6bf95f441', '2012-07', 0, 0, 0, 0, 0, 82, 0, 0),
	('main', '01a201b93c5ae65de0bf20ac95fca669', '2012-08', 0, 0, 0, 0, 0, 59, 0, 0),
	('main', '01a201b93c6af4e2f79f7184e335e535', '2012-08', 0, 0, 0, 0, 0, 96, 0, 0),
	('main', '01a201b93c77b6541cb53cc6bf95f441', '2012-08', 0, 0, 0, 0, 0, 100, 0, 0),
	('main', '01a201b93c8987f4a27c913088380c35', '2012-08', 120, 120, 0, 0, 0, 207, 0, 0),
	('main', '01a201b93c928e6c6015a95083c19b51', '2012-08', 0, 0, 0, 0, 0, 244, 0, 0),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', '2012-08', 0, 0, 0, 0, 0, 281, 0, 0),
	('branch', '01a201b93eaa7fad6251c1bde77d86b9', '2012-09', 66, 66, 0, 0, 0, 0, 0, 0);


--
-- Data for Name: retail_receipts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.retail_receipts VALUES
	('main', '01a201b93c809439fcf453e33d2bcdff', 'P-4-1', '2012-02-07', 15950, 0, 1, 'CNY'),
	('main', '01a201b93c8987f4a27c913088380c35', 'P-5-1', '2012-02-08', 19650, 0, 1, 'CNY'),
	('main', '01a201b93c8987f4a27c913088380c35', 'P-5-2', '2012-03-08', 20750, 0, 2, 'CNY'),
	('main', '01a201b93c8987f4a27c913088380c35', 'W-1', '2012-08-06', 12000, 0, 1, 'CNY'),
	('main', '01a201b93c928e6c6015a95083c19b51', 'P-6-1', '2012-02-09', 23350, 0, 1, 'CNY'),
	('main', '01a201b93c928e6c6015a95083c19b51', 'P-6-2', '2012-03-09', 24450, 0, 2, 'CNY'),
	('main', '01a201b93c928e6c6015a95083c19b51', 'P-6-3', '2012-04-09', 25550, 0, 3, 'CNY'),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', 'P-7-1', '2012-02-10', 27050, 0, 1, 'CNY'),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', 'P-7-2', '2012-03-10', 28150, 0, 2, 'CNY'),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', 'P-7-3', '2012-04-10', 29250, 0, 3, 'CNY'),
	('main', '01a201b93c9b4e6a582a01d4ef2e2093', 'P-7-4', '2012-05-10', 30350, 0, 4, 'CNY'),
	('main', '01a201b93d8457757db24c2b3b2d2c00', 'K-1/1', '2012-05-02', 3520, 0, 1, 'CNY'),
	('main', '01a201b93d8457757db24c2b3b2d2c00', 'K-2/1', '2012-06-11', 1800, 0, 1, 'CNY'),
	('main', '01a201b93d8584ad1d7eae5495bd7539', 'K-4/1', '2012-07-19', 0, 0, 1, 'CNY'),
	('main', '01a201b93d85d936a91a34d30ab6cd77', 'K-3/1', '2012-05-02', 24000, 0, 1, 'CNY'),
	('main', '01a201b93d85d936a91a34d30ab6cd77', 'K-3/2', '2012-05-02', 1275, 0, 1, 'CNY'),
	('main', '01a201b93c5ae65de0bf20ac95fca669', 'P-1-1', '2012-02-04', 4850, 0, 1, 'CNY'),
	('main', '01a201b93c5ae65de0bf20ac95fca669', 'P-1-2', '2012-03-04', 5950, 0, 2, 'CNY'),
	('main', '01a201b93c6af4e2f79f7184e335e535', 'P-2-1', '2012-02-05', 9550, 0, 1, 'CNY'),
	('main', '01a201b93c6af4e2f79f7184e335e535', 'P-2-2', '2012-03-05', 9650, 0, 2, 'CNY'),
	('main', '01a201b93c6af4e2f79f7184e335e535', 'P-2-3', '2012-04-05', 10750, 0, 3, 'CNY'),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 'P-3-1', '2012-02-06', 12250, 0, 1, 'CNY'),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 'P-3-2', '2012-03-06', 13350, 3300, 2, 'CNY'),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 'P-3-3', '2012-04-06', 14450, 0, 3, 'CNY'),
	('main', '01a201b93c77b6541cb53cc6bf95f441', 'P-3-4', '2012-05-06', 15550, 0, 4, 'CNY'),
	('branch', '01a201b93eaa7fad6251c1bde77d86b9', 'B-1', '2012-09-02', 6600, 0, 1, 'CNY');


--
-- Data for Name: retail_rfm; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: retail_spend_class; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.retail_spend_class VALUES
	('main', 'retail.spend_class-1', '01a201b93c5ae65de0bf20ac95fca669', 'small', 10800),
	('main', 'retail.spend_class-1', '01a201b93c6af4e2f79f7184e335e535', 'small', 29950),
	('main', 'retail.spend_class-1', '01a201b93c77b6541cb53cc6bf95f441', 'small', 52300),
	('main', 'retail.spend_class-1', '01a201b93c809439fcf453e33d2bcdff', 'small', 15950),
	('main', 'retail.spend_class-1', '01a201b93c8987f4a27c913088380c35', 'small', 52400),
	('main', 'retail.spend_class-1', '01a201b93c928e6c6015a95083c19b51', 'small', 73350),
	('main', 'retail.spend_class-1', '01a201b93c9b4e6a582a01d4ef2e2093', 'ordinary', 114800),
	('main', 'retail.spend_class-1', '01a201b93d8457757db24c2b3b2d2c00', 'small', 5320),
	('main', 'retail.spend_class-1', '01a201b93d8584ad1d7eae5495bd7539', 'small', 0),
	('main', 'retail.spend_class-1', '01a201b93d85d936a91a34d30ab6cd77', 'small', 25275);


--
-- Name: guanxi_entries_position_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.guanxi_entries_position_seq', 125, true);


--
-- Name: guanxi_keys_meta guanxi_keys_meta_pkey; Type: CONSTRAINT; Schema: guanxi_keys; Owner: -
--

ALTER TABLE ONLY guanxi_keys.guanxi_keys_meta
    ADD CONSTRAINT guanxi_keys_meta_pkey PRIMARY KEY (tenant, key);


--
-- Name: guanxi_keys guanxi_keys_pkey; Type: CONSTRAINT; Schema: guanxi_keys; Owner: -
--

ALTER TABLE ONLY guanxi_keys.guanxi_keys
    ADD CONSTRAINT guanxi_keys_pkey PRIMARY KEY (key_id);


--
-- Name: guanxi_token_keys guanxi_token_keys_pkey; Type: CONSTRAINT; Schema: guanxi_keys; Owner: -
--

ALTER TABLE ONLY guanxi_keys.guanxi_token_keys
    ADD CONSTRAINT guanxi_token_keys_pkey PRIMARY KEY (tenant);


--
-- Name: core_files core_files_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.core_files
    ADD CONSTRAINT core_files_pkey PRIMARY KEY (tenant, stream);


--
-- Name: core_runs core_runs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.core_runs
    ADD CONSTRAINT core_runs_pkey PRIMARY KEY (tenant, stream);


--
-- Name: guanxi_claims guanxi_claims_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.guanxi_claims
    ADD CONSTRAINT guanxi_claims_pkey PRIMARY KEY (tenant, kind, token, stream);


--
-- Name: guanxi_commands guanxi_commands_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.guanxi_commands
    ADD CONSTRAINT guanxi_commands_pkey PRIMARY KEY (tenant, command_id);


--
-- Name: guanxi_entries guanxi_entries_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.guanxi_entries
    ADD CONSTRAINT guanxi_entries_pkey PRIMARY KEY ("position");


--
-- Name: guanxi_entries guanxi_entries_stream; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.guanxi_entries
    ADD CONSTRAINT guanxi_entries_stream UNIQUE (tenant, stream, version);


--
-- Name: guanxi_heads guanxi_heads_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.guanxi_heads
    ADD CONSTRAINT guanxi_heads_pkey PRIMARY KEY (tenant, stream);


--
-- Name: guanxi_meta guanxi_meta_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.guanxi_meta
    ADD CONSTRAINT guanxi_meta_pkey PRIMARY KEY (tenant, key);


--
-- Name: guanxi_read_models guanxi_read_models_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.guanxi_read_models
    ADD CONSTRAINT guanxi_read_models_pkey PRIMARY KEY (tenant, name);


--
-- Name: retail_customers retail_customers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.retail_customers
    ADD CONSTRAINT retail_customers_pkey PRIMARY KEY (tenant, stream);


--
-- Name: retail_points_month retail_points_month_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.retail_points_month
    ADD CONSTRAINT retail_points_month_pkey PRIMARY KEY (tenant, stream, month);


--
-- Name: retail_receipts retail_receipts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.retail_receipts
    ADD CONSTRAINT retail_receipts_pkey PRIMARY KEY (tenant, stream, receipt);


--
-- Name: retail_rfm retail_rfm_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.retail_rfm
    ADD CONSTRAINT retail_rfm_pkey PRIMARY KEY (tenant, stream, member);


--
-- Name: retail_spend_class retail_spend_class_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.retail_spend_class
    ADD CONSTRAINT retail_spend_class_pkey PRIMARY KEY (tenant, stream, member);


--
-- Name: guanxi_keys_alive; Type: INDEX; Schema: guanxi_keys; Owner: -
--

CREATE UNIQUE INDEX guanxi_keys_alive ON guanxi_keys.guanxi_keys USING btree (tenant, subject, family) WHERE (destroyed_at IS NULL);


--
-- Name: guanxi_claims_holder; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX guanxi_claims_holder ON public.guanxi_claims USING btree (tenant, kind, token) WHERE (policy <> 'advisory'::text);


--
-- Name: guanxi_entries_actor; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX guanxi_entries_actor ON public.guanxi_entries USING btree (tenant, actor);


--
-- Name: guanxi_entries_batch; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX guanxi_entries_batch ON public.guanxi_entries USING btree (tenant, batch) WHERE (batch IS NOT NULL);


--
-- Name: guanxi_entries_command_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX guanxi_entries_command_id ON public.guanxi_entries USING btree (tenant, command_id) WHERE (command_id IS NOT NULL);


--
-- Name: guanxi_entries_effective_from; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX guanxi_entries_effective_from ON public.guanxi_entries USING btree (tenant, effective_from);


--
-- Name: guanxi_entries_name; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX guanxi_entries_name ON public.guanxi_entries USING btree (tenant, name);


--
-- Name: guanxi_entries_occurred_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX guanxi_entries_occurred_at ON public.guanxi_entries USING btree (tenant, occurred_at);


--
-- Name: guanxi_entries_recorded_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX guanxi_entries_recorded_at ON public.guanxi_entries USING btree (tenant, recorded_at);


--
-- Name: guanxi_entries_section; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX guanxi_entries_section ON public.guanxi_entries USING btree (tenant, section) WHERE (section IS NOT NULL);


--
-- Name: guanxi_entries_source; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX guanxi_entries_source ON public.guanxi_entries USING btree (tenant, source_system, source_document, source_line) WHERE (source_system IS NOT NULL);


--
-- Name: guanxi_heads_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX guanxi_heads_due ON public.guanxi_heads USING btree (tenant, next_due) WHERE (next_due IS NOT NULL);


--
-- Name: guanxi_heads_judged_by; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX guanxi_heads_judged_by ON public.guanxi_heads USING btree (tenant, judged_by);


--
-- Name: guanxi_heads_subject; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX guanxi_heads_subject ON public.guanxi_heads USING btree (tenant, subject);


--
-- PostgreSQL database dump complete
--


