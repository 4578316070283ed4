/// Files as a host has them.
enum SampleFiles {
  static let inventory = """
    PRODUCT_VERSION='8.2.1'
    CONTROL_DOMAIN_UUID='3b1dccee-9da4-49c6-8250-e3725e0e4b2d'
    COMPANY_NAME_SHORT='Open Source'
    MANAGEMENT_ADDRESS_TYPE='IPv4'
    PRODUCT_BRAND='XCP-ng'
    INSTALLATION_UUID='b8b63475-d28c-44d4-9d1e-c38298ad3a0d'
    MANAGEMENT_INTERFACE='xapi1'
    CURRENT_INTERFACES='xenbr0 xapi1'
    BUILD_NUMBER='release/yangtze/master/58'
    INSTALLATION_DATE='2021-08-03 16:39:24.077945'

    """

  static let managementConf = """
    LABEL='eth0'
    MODE='static'
    VLAN='42'
    IP='192.168.1.10'
    NETMASK='255.255.255.0'
    GATEWAY='192.168.1.1'
    DNS='192.168.1.1,1.1.1.1'
    DOMAIN='lab.example'

    """

  static let trigger = """
    DEVICE=eth0
    MODE=static
    MODE_V6=static
    VLAN=120
    IP=10.10.4.11
    NETMASK=255.255.255.0
    GATEWAY=10.10.4.1
    IPV6=fd00::11/64
    GATEWAY_V6=fd00::1
    DNS=10.10.4.2

    """

  /// An LACP bond on `xapi1`, a VLAN on it, and a bridge of one NIC with a route in the older encoding.
  static let networkdDB = #"""
    {"gateway_interface":"xapi1","dns_interface":"xapi1","interface_config":{"eth0":{"ipv4_conf":"None4",
    "ipv6_conf":"None6",
    "ipv4_routes":[],"mtu":1500,"ethtool_settings":{},"ethtool_offload":{"lro":"off"},"persistent_i":true},
    "xapi1":{"ipv4_conf":
    ["Static4",[["192.168.1.10",24]]],"ipv4_gateway":"192.168.1.1","ipv6_conf":["Static6",[["fd00::10",64]]],
    "ipv6_gateway":
    "fd00::1","ipv4_routes":[{"subnet":"10.88.0.0","netmask":14,"gateway":"192.168.1.254"}],"dns":[["192.168.1.1"],
    ["lab.example"]],"mtu":9000,"ethtool_settings":{"speed":"1000"},"persistent_i":true},"xapi2":{"ipv4_conf":"DHCP4",
    "ipv6_conf":"Linklocal6","persistent_i":false},"xenbr2":{"ipv4_conf":"None4","ipv6_conf":"Autoconf6",
    "ipv4_routes":
    [["192.168.1.254",16,"10.9.0.0"]],"dns":[[],[]]}},
    "bridge_config":{"xapi1":{"ports":{"bond0":{"interfaces":["eth0","eth1"],
    "bond_properties":{"mode":"lacp","hashing-algorithm":"tcpudp_ports"},"bond_mac":"ec:f4:bb:c3:af:a8",
    "kind":"Basic_port"}},
    "bridge_mac":"ec:f4:bb:c3:af:a8","igmp_snooping":false,"other_config":{"network-uuids":
    "b7e4d20b-64ed-bf38-c56f-4d740b579005"},"persistent_b":true},"xapi2":{"ports":{},"vlan":["xapi1",42],
    "persistent_b":false},
    "xenbr2":{"ports":{"eth2":{"interfaces":["eth2"],"bond_properties":{}}},"persistent_b":true}}}
    """#

  static let localDB = """
    <?xml version="1.0" encoding="UTF-8"?>
    <config><row key="ha.armed" value="true"/>
    <row key="pool.secret&amp;" value="a &quot;b&quot; &#60;c&#x3e;"/></config>
    """

  static let stateDB = """
    <?xml version="1.0" encoding="UTF-8"?>
    <!-- a comment with <table name="PIF"> in it -->
    <database><manifest><pair key="schema_major_vsn" value="5"/><pair key="schema_minor_vsn" value="602"/><pair \
    key="generation_count" value="37199835"/></manifest><table name="Bond"><row ref="OpaqueRef:b" __ctime="1" \
    uuid="ub" \
    master="OpaqueRef:p2" slaves="('OpaqueRef:p0'%.'OpaqueRef:p1')" primary_slave="OpaqueRef:p0" mode="lacp" \
    properties="(('hashing_algorithm'%.'tcpudp_ports'))" other_config="()"/></table><table name="Cluster"/><table \
    name="PIF"><row ref="OpaqueRef:p0" uuid="u0" device="eth0" MAC="ec:f4:bb:c3:af:a8" network="OpaqueRef:n0" \
    host="OpaqueRef:h" VLAN="-1" management="true" physical="true" currently_attached="true" managed="true" \
    ip_configuration_mode="Static" IP="192.168.1.10" netmask="255.255.255.0" gateway="192.168.1.1" \
    DNS="1.1.1.1,8.8.8.8" \
    ipv6_configuration_mode="Static" IPv6="('fd00::10/64')" ipv6_gateway="fd00::1" primary_address_type="IPv4" \
    MTU="1500" \
    bond_slave_of="OpaqueRef:b" other_config="(('domain'%.'lab.example,x')%.('it\\'s'%.'a)b'))" \
    properties="(('gro'%.'on'))"/>\
    <row ref="OpaqueRef:p3" uuid="u3" device="eth0" MAC="ec:f4:bb:c3:af:a8" network="OpaqueRef:n1" \
    host="OpaqueRef:h" \
    VLAN="42" bond_slave_of="OpaqueRef:NULL"/></table><table name="VLAN"><row ref="OpaqueRef:l" uuid="ul" tag="42" \
    tagged_PIF="OpaqueRef:p2" untagged_PIF="OpaqueRef:p3"/></table><table name="VM"><row ref="OpaqueRef:v0" \
    uuid="v0" \
    name__label="web%.1%%%n&lt;row&gt; &quot;x&quot;" power_state="Running" resident_on="OpaqueRef:h" \
    is_control_domain="false" \
    is_a_template="false" is_a_snapshot="false"/><row ref="OpaqueRef:v1" uuid="v1" name__label="Control%.domain" \
    power_state="Running" resident_on="OpaqueRef:h" is_control_domain="true"/></table><table name="host"><row \
    ref="OpaqueRef:h" uuid="b8b63475" name__label="caf\u{e9}" hostname="xcp1" address="192.168.1.10"/></table><table \
    name="network"><row ref="OpaqueRef:n0" uuid="n0" name__label="Pool-wide%.network" name__description="" \
    bridge="xenbr0" \
    MTU="1500" managed="true" other_config="()"/></table><table name="pool"><row ref="OpaqueRef:po" uuid="po" \
    name__label="Rack%.4" master="OpaqueRef:h" ha_enabled="true" redo_log_enabled="true"/></table></database>
    """

  static let staticRules = """
    # Static rules.  Autogenerated by the installer from the answerfile or previous install
    eth0:mac="AB:CD:EF:AB:CD:EF"
    eth1: pci = "0000:01:00.1[0]"
    eth2:ppn="em2"
    eth3:label="Integrated NIC 4"

    """

  static let dynamicRules = """
    # Automatically adjusted file.  Do not edit unless you are certain you know how to
    {
        "lastboot": [
            [
                "08:00:27:49:a4:92",
                "0000:00:03.0[0]",
                "eth0"
            ]
        ],
        "old": []
    }
    """

  static let resolvConf = "search lab.example example\nnameserver 192.168.1.1\nnameserver fd00::1\n"

  static let hosts = "127.0.0.1 localhost localhost.localdomain # loopback\n::1 localhost6\n10.0.0.1\tNAS nas.lab\n"

  static let chrony = """
    # Use public servers.
    server 0.xcpng.pool.ntp.org iburst
    server 1.xcpng.pool.ntp.org iburst maxpoll 8
    driftfile /var/lib/chrony/drift

    """

  static let leases = """
    lease {
      interface "xenbr0";
      fixed-address 10.0.0.9;
      expire 1 2024/01/01 00:00:00;
    }
    lease {
      interface "xenbr0";
      fixed-address 10.0.0.12;
      option subnet-mask 255.255.255.0;
      option routers 10.0.0.1,10.0.0.2;
      option domain-name-servers 10.0.0.3, 10.0.0.4;
      option domain-name "lab.example; }";
      option dhcp-server-identifier 10.0.0.1;
      renew 5 2024/05/17 10:00:00;
      rebind 5 2024/05/17 20:15:30;
      expire 6 2024/05/18 00:00:01;
    }

    """

  static let leases6 = """
    default-duid "\\000\\001";
    lease6 {
      interface "xenbr0";
      ia-na 44:22:11:00 {
        starts 1715940000;
        renew 1800;
        rebind 2880;
        iaaddr fd00::12 {
          starts 1715940000;
          preferred-life 2000;
          max-life 3600;
        }
      }
      option dhcp6.name-servers fd00::3;
      option dhcp6.domain-search "lab.example.";
    }

    """

  static let sysconfig = "NETWORKING=yes\nNETWORKING_IPV6=no\nHOSTNAME=\"xcp1\"\nNTPSERVERARGS=\"a=b\"\njunk\n"
}
